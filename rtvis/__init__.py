"""rtvis: radiotherapy volumes and structure sets, seen, drawn, saved losslessly, signed and delivered.

The names below are what scripts use; each is loaded when it is first asked for, so that `import rtvis` stays quick and
loads neither Qt nor VTK.

    study = rtvis.open_study("ct/")
    volume = study.volumes[0]
    print(volume.digest("md5"), volume.affine_lps)
"""

from __future__ import annotations

TYPE_CHECKING = False  # as in typing, which takes longer to load than all that is imported here
if TYPE_CHECKING:
    from typing import Any

    from rtvis.app.mask_structures import structure_set_from_masks
    from rtvis.app.opening import open_study
    from rtvis.app.verbs import digest, send, sign, verify
    from rtvis.dicom.rtdose import read_dose
    from rtvis.dicom.rtstruct_reader import read_structure_set
    from rtvis.dicom.rtstruct_writer import write_structure_set
    from rtvis.model.dose import Dose
    from rtvis.model.errors import RtvisError
    from rtvis.model.masks import masks
    from rtvis.model.structure_set import Contour, Roi, StructureSet
    from rtvis.model.study import Study
    from rtvis.model.volume import Volume
    from rtvis.surfaces.roi_surface import surfaces

_HOME = {
    "open_study": "rtvis.app.opening",
    "digest": "rtvis.app.verbs",
    "sign": "rtvis.app.verbs",
    "verify": "rtvis.app.verbs",
    "send": "rtvis.app.verbs",
    "read_dose": "rtvis.dicom.rtdose",
    "read_structure_set": "rtvis.dicom.rtstruct_reader",
    "write_structure_set": "rtvis.dicom.rtstruct_writer",
    "masks": "rtvis.model.masks",
    "structure_set_from_masks": "rtvis.app.mask_structures",
    "RtvisError": "rtvis.model.errors",
    "Dose": "rtvis.model.dose",
    "Contour": "rtvis.model.structure_set",
    "Roi": "rtvis.model.structure_set",
    "StructureSet": "rtvis.model.structure_set",
    "Study": "rtvis.model.study",
    "Volume": "rtvis.model.volume",
}

__all__ = [
    "Contour",
    "Dose",
    "Roi",
    "RtvisError",
    "StructureSet",
    "Study",
    "Volume",
    "digest",
    "masks",
    "open_study",
    "read_dose",
    "read_structure_set",
    "send",
    "sign",
    "structure_set_from_masks",
    "surfaces",
    "verify",
    "write_structure_set",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version  # noqa: PLC0415  (rarely asked for, and not quick)

        return version("rtvis")
    import importlib  # noqa: PLC0415  (the program begins without)

    if name == "surfaces":
        return importlib.import_module("rtvis.surfaces")  # a package that can be called
    if name not in _HOME:
        raise AttributeError(f"module 'rtvis' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, "__version__"})
