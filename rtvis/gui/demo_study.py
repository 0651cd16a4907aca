"""The demo's study for the window: the constructed phantom with its structure set, in a folder of its own."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from rtvis.app.opening import open_study
from rtvis.app.phantom import build_phantom
from rtvis.dicom.rtstruct_writer import write_structure_set
from rtvis.model.errors import OutputError

if TYPE_CHECKING:
    from rtvis.model.progress import Report
    from rtvis.model.study import Study


def make_demo_study(report: Report) -> tuple[Study, str]:
    """Construct the phantom below the system's temporary folder and open it; stopped or failed, the folder goes again.

    Returns:
        The study and the folder it is in; the folder stays, since what is open may be saved, signed and sent.

    Raises:
        OutputError: when the folder can't be written.
    """
    try:
        folder = Path(tempfile.mkdtemp(prefix="rtvis-demo-"))
    except OSError as error:
        raise OutputError(
            f"the demo needs a temporary folder, and none can be written ({error.strerror})",
            remedy="free some space there, or set TMPDIR to another folder",
        ) from error
    try:
        phantom = build_phantom(folder / "ct", report=report)
        write_structure_set(phantom.structure_set, folder / "structure-set.dcm")
        return open_study(folder, report=report), str(folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
