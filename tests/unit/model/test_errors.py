from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from rtvis.model import errors
from rtvis.model.progress import CancelledError, no_report


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (errors.InputError("is empty"), "is empty"),
        (errors.InputError("is empty", path="a.dcm"), "a.dcm: is empty"),
        (errors.InputError("is empty", remedy="look elsewhere"), "is empty; look elsewhere"),
        (errors.OutputError("is full", path=Path("b"), remedy="free some space"), "b: is full; free some space"),
    ],
)
def test_one_line_says_what_where_and_what_to_do(error: errors.RtvisError, text: str) -> None:
    assert str(error) == text


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (errors.InputError, 2),
        (errors.NothingFoundError, 2),
        (errors.UnreadableError, 2),
        (errors.UsageError, 2),
        (errors.OutputError, 2),
        (errors.ExportError, 1),
        (errors.SignatureError, 1),
        (errors.DeliveryError, 1),
    ],
)
def test_the_exit_status_tells_a_failed_check_from_bad_input(kind: type[errors.RtvisError], status: int) -> None:
    assert kind("x").exit_status == status
    assert issubclass(kind, errors.RtvisError)


def test_errors_travel_between_processes() -> None:
    error = pickle.loads(pickle.dumps(errors.UnreadableError("is cut short", path="a.dcm", remedy="fetch it again")))
    assert type(error) is errors.UnreadableError
    assert str(error) == "a.dcm: is cut short; fetch it again"
    assert (error.what, error.path, error.remedy) == ("is cut short", Path("a.dcm"), "fetch it again")


def test_stopping_is_an_error_of_its_own() -> None:
    assert issubclass(CancelledError, errors.RtvisError)
    assert no_report(1, 2) is None
