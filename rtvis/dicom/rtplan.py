"""What an RT Plan prescribes (PS3.3 C.8.8.10)."""

from __future__ import annotations

from pathlib import Path

from rtvis.dicom.elements import EndedEarlyError, MalformedError
from rtvis.dicom.reading import scan_header
from rtvis.model.errors import UnreadableError

_REFERENCES, _TYPE, _PRESCRIBED = 0x300A0010, 0x300A0020, 0x300A0026


def prescribed_dose(path: str | Path) -> float | None:
    """The dose that a plan prescribes to its target, Gy: the largest TargetPrescriptionDose of its dose references.

    Returns:
        None where the plan names none.

    Raises:
        UnreadableError: when the file isn't DICOM, or is damaged.
    """
    place = Path(path)
    header = scan_header(place)
    if header is None:
        raise UnreadableError("isn't DICOM", path=place)
    try:
        references = header.elements.items(_REFERENCES)
        named = [one.numbers(_PRESCRIBED) for one in references if one.plain(_TYPE) in {"TARGET", ""}]
    except (ValueError, EndedEarlyError, MalformedError) as error:
        raise UnreadableError(f"is damaged: {error}", path=place) from error
    doses = [numbers[0] for numbers in named if numbers and numbers[0] > 0]
    return max(doses, default=None)
