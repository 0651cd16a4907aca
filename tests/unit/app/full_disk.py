"""A session on a disk that fills up: python full_disk.py STUDY FOLDER.

Files may grow to 40 kB only (RLIMIT_FSIZE, as a full disk or a quota does it). The session draws on, tries to save,
then gets room again. Prints what it was told and what a next session recovers, as JSON.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

import numpy as np

from rtvis.app.session import Session
from rtvis.editing.journal_folder import JournalFolder
from rtvis.model.digest import structure_set_digest
from rtvis.model.errors import OutputError

LIMIT = 40_000
EDITS = 60


def draw(session: Session, number: int) -> None:
    """One contour of 60 points."""
    turn = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    corners = np.column_stack([14 + 9 * np.cos(turn), 11 + 6 * np.sin(turn), np.full(60, number % 10)])
    session.activate_roi(1)
    session.add_contour(session.volume.grid.to_patient(corners), closed=True)


def main() -> None:
    """Draw, fail, go on, recover."""
    study, folder = Path(sys.argv[1]), Path(sys.argv[2])
    session = Session(JournalFolder(folder))
    session.open([study])
    heard: list[str | None] = []
    session.journal_changed.connect(
        lambda: heard.append(None if session.journal_failure is None else str(session.journal_failure))
    )
    before = len(session.structure_set.roi(1).contours)
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, most))
    for number in range(EDITS):
        draw(session, number)
    path = study / "structure-set.dcm"
    content = path.read_bytes()
    try:
        session.save(path, overwrite=True)
        refused = False
    except OutputError:
        refused = True
    kept = path.read_bytes() == content and session.unsaved
    told = {
        "failures": len(heard),
        "words": heard[0] if heard else "",
        "edits_in_memory": len(session.structure_set.roi(1).contours) - before,
        "save_refused": refused,
        "kept_file": kept,
    }
    heard.clear()
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    session.activate_roi(2)
    session.add_contour(session.volume.grid.to_patient([[2, 2, 3], [8, 2, 3], [8, 9, 3]]), closed=True)
    told["told_again"] = heard
    told["digest"] = structure_set_digest(session.structure_set, "sha256").text
    session.close()
    following = Session(JournalFolder(folder))
    following.open([study])
    (left,) = following.recoverable()
    told["recovered"] = structure_set_digest(following.recover(left), "sha256").text
    following.close()
    print(json.dumps(told))


if __name__ == "__main__":
    main()
