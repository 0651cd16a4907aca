"""The way of Tab through a form: its rows from the top, then what stands below them."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QFormLayout, QWidget

if TYPE_CHECKING:
    from collections.abc import Iterator


def tab_through(form: QFormLayout, *then: QWidget) -> list[QWidget]:
    """Have Tab go through the fields of a form from the top, and then through others.

    Returns:
        All of them in that order, fields that are hidden now among them.
    """
    order = [*_fields(form), *then]
    for one, following in pairwise(order):
        QWidget.setTabOrder(one, following)
    return order


def _fields(form: QFormLayout) -> Iterator[QWidget]:
    for row in range(form.rowCount()):
        for role in (QFormLayout.FieldRole, QFormLayout.SpanningRole):
            item = form.itemAt(row, role)
            widget = None if item is None else item.widget()
            if widget is not None:
                inside = (widget, *widget.findChildren(QWidget)) if _is_holder(widget) else (widget,)
                own = (one for one in inside if one.window() is widget.window())  # a list that pops up has its own
                yield from (one for one in own if one.focusPolicy() & Qt.TabFocus and one.focusProxy() is None)
                break


def _is_holder(widget: QWidget) -> bool:
    """Whether it only holds fields side by side: the parts of a list or of a number aren't fields of their own."""
    return not widget.focusPolicy() & Qt.TabFocus
