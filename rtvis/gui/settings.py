"""What a person chose for the program, in every study and after a restart."""

from __future__ import annotations

from qtpy.QtCore import QSettings

SUV_KEY = "pet/suv"


def settings() -> QSettings:
    """Where the window's settings are kept."""
    return QSettings("rtvis", "rtvis")


def pet_in_suv() -> bool:
    """Whether PET is opened in SUV where it can be; so until somebody says otherwise."""
    return str(settings().value(SUV_KEY, "yes")) == "yes"


def keep_pet_in_suv(*, shown: bool) -> None:
    """Open PET in SUV from now on, or in the unit of its files."""
    settings().setValue(SUV_KEY, "yes" if shown else "no")
