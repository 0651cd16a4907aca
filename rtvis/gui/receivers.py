"""Which Qt objects a callback belongs to, so that a result that comes late finds nobody rather than a deleted widget.

Qt forgets connections of objects that are deleted. A callback that Python keeps isn't a connection: Qt can't know of
it, and what it calls then takes the program down.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from types import CellType, FunctionType, MethodType
from typing import Any

from qtpy.compat import isalive
from qtpy.QtCore import QObject, SignalInstance

MOST_LAYERS = 8
"""Callbacks around callbacks that are looked into; the program has three at most."""
_EMPTY = CellType()
"""A cell without contents: of a name that nothing was assigned to yet."""


def receivers(callback: Callable[..., Any]) -> tuple[QObject, ...]:
    """The Qt objects that a callback is a method of, is bound to or closes over.

    Raises:
        TypeError: for the `emit` of a Qt signal, which doesn't tell whose signal it is.
    """
    found: dict[int, QObject] = {}
    _collect(callback, found, MOST_LAYERS)
    return tuple(found.values())


def while_there(callback: Callable[[Any], None]) -> Callable[[Any], None]:
    """A callback that does nothing any more once Qt has deleted one of its `receivers`.

    Raises:
        TypeError: as `receivers`.
    """
    owners = receivers(callback)

    def call(value: Any) -> None:
        if all(isalive(one) for one in owners):
            callback(value)

    return call


def _collect(one: object, found: dict[int, QObject], layers: int) -> None:
    if isinstance(one, QObject):
        found[id(one)] = one
    elif isinstance(getattr(one, "__self__", None), SignalInstance):
        raise TypeError("a signal's emit was given to be called later: give a method of its object that emits it")
    elif layers:
        for inner in _parts(one):
            _collect(inner, found, layers - 1)


def _parts(one: object) -> list[object]:
    """What a callback calls, and with what."""
    if isinstance(one, MethodType):
        return [one.__self__]
    if isinstance(one, partial):
        return [one.func, *one.args, *one.keywords.values()]
    if isinstance(one, FunctionType):
        cells = one.__closure__ or ()
        return [cell.cell_contents for cell in cells if cell != _EMPTY]
    return []
