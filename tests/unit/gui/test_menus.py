"""What can't act is greyed out, whatever is open."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from rtvis.app.measuring import Measured
from rtvis.model.study import Study
from tests.unit.gui.conftest import make_set, make_volume, settle

ALWAYS = {
    *("Open folder", "Open files", "Open demo", "Unsaved work of earlier", "Quit"),
    *("Full screen", "Light theme", "Small texts", "Normal texts", "Large texts", "Largest texts"),
    *("Hide patient", "Patient in pictures"),
    *("Create identity", "Receive", "What a device holds", "Set up a device", "Trust a sender"),
    *("Commands", "Mouse and keys", "About rtvis", "Next panel", "Previous panel", "Menu bar"),
    "Stop what is under way",
}
"""What makes sense in an empty window: what opens, what is remembered, what has to do with devices, help."""

ON_ROIS = {"New ROI", "New ROIs from template"}
"""Entries on ROIs that need none."""


def enabled(window):
    return {name for name, action in window.menus.actions.items() if action.isEnabled()}


def entries(window, *menus):
    """Names of the actions in menus and in what is below them."""
    names = {action: name for name, action in window.menus.actions.items()}
    waiting, found = [window.menus.menu(one) for one in menus], set()
    while waiting:
        for action in waiting.pop().actions():
            if action.menu() is not None:
                waiting.append(action.menu())
            elif action in names:
                found.add(names[action])
    return found


def test_without_a_study_only_what_makes_sense_then_can_be_done(empty_window, study):
    assert enabled(empty_window) == ALWAYS
    empty_window.show_study(study)
    empty_window.session.activate_roi(1)
    assert len(enabled(empty_window)) > 100
    empty_window.close_study()
    assert enabled(empty_window) == ALWAYS


def test_with_images_alone_nothing_can_be_done_to_rois_or_contours(window):
    window.show_study(Study(volumes=(make_volume(),)))
    there = enabled(window)
    assert there & entries(window, "ROI") == ON_ROIS
    drawing = {action.text().replace("&", "") for action in window.menus.tools.values()}
    assert there & entries(window, "Contour") <= drawing | {"Larger brush", "Smaller brush"}
    assert {"Save structure set", "ROIs as surfaces", "Go to ROI", "Repair references", "History"}.isdisjoint(there)
    assert {"Oblique view", "Next view", "Axial plane in 3D", "Digests", "New ROI"} <= there


def test_with_contours_alone_nothing_can_be_done_to_images(window, study):
    alone = replace(make_set(study.volumes[0]), volume=None, matched_by=None)
    window.show_study(Study(structure_sets=(alone,)))
    there = enabled(window)
    off = {key for key, action in window.menus.tools.items() if not action.isEnabled()}
    assert off == {"window", "livewire", "threshold", "flood", "levels_region"}
    assert not [one for one in there if one.startswith(("Preset", "Volume", "Keep"))]
    assert {"Axial plane in 3D", "No planes in 3D", "Cut at the axial plane", "Cut away all but a box"} <= there
    assert {"Oblique view", "Oblique plane by angles", "Reset views", "Cursor left"} <= there
    assert {"Save structure set", "ROIs as surfaces", "From front (A)", "Contour style", "New ROI"} <= there


def test_what_acts_on_an_roi_waits_for_one_and_what_acts_on_contours_for_these(window):
    window.session.activate_roi(None)
    assert {"Rename ROI", "Delete ROI", "Go to ROI", "Margin"}.isdisjoint(enabled(window))
    window.session.activate_roi(1)
    assert {"Rename ROI", "Delete ROI", "Go to ROI", "Margin", "Delete last contour of ROI"} <= enabled(window)
    window.menus.actions["New ROI"].trigger()
    settle()
    assert {"Go to ROI", "Delete last contour of ROI"}.isdisjoint(enabled(window))
    assert "Rename ROI" in enabled(window)


def test_measurements_can_be_removed_once_there_are_some(window):
    entries = {"Remove last measurement", "Remove all measurements"}
    assert entries.isdisjoint(enabled(window))
    frame = window.session.volume.frame_of_reference_uid
    window.session.measurements.add(Measured(np.array([[0.0, 0, 0], [9.0, 0, 0]]), closed=False), frame)
    assert entries <= enabled(window)
    window.menus.actions["Remove last measurement"].trigger()
    assert entries.isdisjoint(enabled(window))


def test_going_to_an_roi_without_contours_says_so(window):
    window.menus.actions["New ROI"].trigger()
    number = window.session.active_roi
    window.roi_panel.centred.emit(number)
    assert "no contours" in window.status.currentMessage()
