"""What is over the images, and PET in SUV: the Overlay panel, its actions, its layers in the views."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from qtpy.QtCore import QTimer

from rtvis.app.dose_alone import is_dose_alone, lies_in_frame, show_dose_alone
from rtvis.app.dose_named import first_dose, read_candidate
from rtvis.app.overlay_choice import OverlayCandidate, overlay_candidates
from rtvis.app.overlay_paints import OverlayPaints
from rtvis.app.patient_hiding import without_patient_names
from rtvis.app.suv_display import as_stored, as_suv, pet_volumes
from rtvis.gui.feature import Feature, Panel
from rtvis.gui.menus import Need
from rtvis.gui.overlay_panel import OverlayPanel
from rtvis.gui.settings import keep_pet_in_suv, settings
from rtvis.model.errors import InputError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from qtpy.QtWidgets import QAction

    from rtvis.app.dose_in_study import DoseInStudy
    from rtvis.gui.background import Task
    from rtvis.gui.main_window import MainWindow
    from rtvis.gui.menus import Menus
    from rtvis.gui.overlay_layers import OverlayLayers
    from rtvis.gui.views import Views
    from rtvis.model.progress import Report
    from rtvis.model.study import Study
    from rtvis.model.volume import Volume

OPACITY_STEP = 0.1
PAINTS_KEY = "overlay/paints"
KEPT_AFTER_MS = 400
"""Isodose levels are written once nobody has changed one for this long."""


class OverlayActions(Feature):
    """Chooses what is over the images; doses are read in the background when they are chosen."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._state = self.session.overlay
        self._kept = str(settings().value(PAINTS_KEY, ""))
        self._state.paints = OverlayPaints(self._kept)
        self._layers: OverlayLayers | None = None
        self._reading: Task | None = None
        self._actions: dict[str, QAction] = {}
        self._refused_suv = ""
        self._seen_study: Study | None = None
        self.panel = OverlayPanel(self._state)
        self.panel.chosen.connect(self.choose)
        self.panel.cleared.connect(self.clear)
        self.panel.swap_asked.connect(self.swap)
        self.panel.suv_asked.connect(lambda on: self.show_suv(shown=on))
        self.session.study_changed.connect(self._offer)
        self.session.volume_changed.connect(self._offer)
        self.session.texts_changed.connect(self._name)
        self.session.structure_set_changed.connect(self._set_changed)
        self._state.chosen_changed.connect(self._changed)
        self._state.look_changed.connect(self._changed)
        self._state.look_changed.connect(self._keep_paints)
        self._resting = QTimer(self)
        self._resting.setSingleShot(True)
        self._resting.setInterval(KEPT_AFTER_MS)
        self._resting.timeout.connect(self._write_levels)
        self._state.kept.failed.connect(self.window.show_error)

    @property
    def panels(self) -> tuple[Panel, ...]:
        """The Overlay panel."""
        return (("overlay", "Overlay", self.panel),)

    def fill(self, menus: Menus) -> None:
        """Into View > Overlay."""
        menu = menus.submenu("View", "Overlay")

        def add(text: str, slot: object, keys: str = "", *, checkable: bool = False) -> None:
            self._actions[text] = menus.add(menu, text, slot, keys, needs=Need.VOLUME, checkable=checkable)  # type: ignore[arg-type]  # slots take nothing

        add("Show overlay", self.toggle, "O", checkable=True)
        add("Swap overlay and images", self.swap, "Shift+O")
        add("More of the overlay", partial(self.change_opacity, OPACITY_STEP), "Ctrl+.")
        add("Less of the overlay", partial(self.change_opacity, -OPACITY_STEP), "Ctrl+,")
        menu.addSeparator()
        add("Next overlay", self.choose_next, "Ctrl+Alt+O")
        add("No overlay", self.clear)
        menu.addSeparator()
        add("Overlay in colours", self.toggle_wash, checkable=True)
        add("Isodose lines", self.toggle_isodoses, "Ctrl+Alt+D", checkable=True)
        add("Reset isodose levels", self._state.reset_isodoses)
        menu.addSeparator()
        add("PET as SUV", self.toggle_suv, checkable=True)
        add("Overlay panel", self.show_panel)
        self.window.study_tree.dose_chosen.connect(self.choose_dose)
        self._changed()

    def views_made(self, views: Views) -> None:
        """The views are there: give each its layer."""
        from rtvis.gui.overlay_layers import OverlayLayers  # noqa: PLC0415  (VTK loads here)

        self._layers = OverlayLayers(self.session, views, self.window.tasks)

    def refresh(self) -> None:
        """Grey out what needs an overlay, or PET."""
        there = self._state.volume is not None
        series = there and self._state.dose is None
        painted = there and not self._state.alone  # else its colours are those of the images
        needs = {
            "Show overlay": there, "More of the overlay": painted, "Less of the overlay": painted, "No overlay": there,
            "Overlay in colours": painted, "Swap overlay and images": series,
            "Isodose lines": self._state.dose is not None,
            "Reset isodose levels": self._state.has_own_isodoses,
            "Next overlay": bool(self._candidates(self.session.volume)),
            "PET as SUV": any(one.modality == "PT" for one in self.session.study.volumes),
        }  # fmt: skip
        for name, met in needs.items():
            self._actions[name].setEnabled(met)
        self._actions["Show overlay"].setChecked(self._state.is_drawn)
        self._actions["Overlay in colours"].setChecked(there and self._state.look.wash)
        self._actions["Isodose lines"].setChecked(self._state.dose is not None and self._state.isodoses.shown)
        self._actions["PET as SUV"].setChecked(bool(pet_volumes(self.session.study, in_suv=True)))

    def release(self) -> None:
        """Let go of the session and of the views."""
        self.session.study_changed.disconnect(self._offer)
        self.session.volume_changed.disconnect(self._offer)
        self.session.texts_changed.disconnect(self._name)
        self.session.structure_set_changed.disconnect(self._set_changed)
        self._state.chosen_changed.disconnect(self._changed)
        self._state.look_changed.disconnect(self._changed)
        self._state.look_changed.disconnect(self._keep_paints)
        self._resting.stop()
        self._state.kept.failed.disconnect(self.window.show_error)  # no dialog on a window that goes
        self._state.kept.write()
        if self._layers is not None:
            self._layers.release()

    # --- what is offered -----------------------------------------------------------------------------------------

    def _candidates(self, base: Volume | None) -> tuple[OverlayCandidate, ...]:
        found = overlay_candidates(self.session.study, base)
        return tuple(replace(one, title=without_patient_names(self.session, one.title)) for one in found)

    def _offer(self) -> None:
        self._cancel_reading()
        study = self.session.study
        self.panel.set_candidates(self._candidates(self.session.volume))
        pets = [one for one in study.volumes if one.modality == "PT"]
        if not pets:
            self._refused_suv = ""
        elif not self._refused_suv:  # opened to be in SUV, and couldn't be
            told = [one.message for pet in pets for one in pet.problems if one.code == "no-suv"]
            self._refused_suv = _sentence(told[0]) if told else ""
        shown = bool(pet_volumes(study, in_suv=True))
        self.panel.set_suv(there=bool(pets), shown=shown, reason=self._refused_suv)
        if self._actions:
            self.refresh()

    def _name(self) -> None:
        """The patient is hidden, or shown again: in titles as well."""
        self.panel.set_candidates(self._candidates(self.session.volume))

    def _set_changed(self) -> None:
        """Another structure set is active: a dose without images is shown with contours of its own frame only."""
        session, current = self.session, self.session.structure_set
        study, doses = session.study, self._candidates(None)
        if not study.volumes and doses and self._seen_study is not study and session.volume is None:
            self._seen_study = study  # it was just opened, and there is nothing else to look at
            first = first_dose(doses, current)
            assert first is not None
            self.choose(first)
        elif current is not None and is_dose_alone(session) and session.volume is not None:
            if lies_in_frame(current, session.volume):
                return
            fitting = [one for one in doses if one.dose is not None and lies_in_frame(current, one.dose)]
            if fitting:
                self.choose(fitting[0])
            else:
                session.show_volume(None)
                self.window.say(f"No dose is in the frame of reference of {current.label}")

    def _changed(self) -> None:
        self.panel.refresh()
        if self._actions:
            self.refresh()

    def _keep_paints(self) -> None:
        self._resting.start()
        text = self._state.paints.to_text()
        if text != self._kept:  # a drag of its window changes the look, and nothing that is kept
            self._kept = text
            settings().setValue(PAINTS_KEY, text)

    def _write_levels(self) -> None:
        self._state.kept.write()

    # --- choosing ------------------------------------------------------------------------------------------------

    def choose(self, candidate: OverlayCandidate, anyway: bool = False) -> None:
        """Show a series or a dose over the images; one that may lie elsewhere only if `anyway`."""
        self._cancel_reading()
        base = self.session.volume
        if base is None and candidate.dose is None:
            return
        why = candidate.objection
        if why and not anyway:
            self._state.clear()  # under the name of this one nothing else may be seen
            self.panel.refuse(candidate, why)
            self.window.say(f"{candidate.title} {why}: not shown")
        elif candidate.volume is not None and base is not None:
            self._show(partial(self._state.show_series, candidate.volume, base, anyway=anyway))
        elif candidate.dose is not None:
            self._read(candidate, anyway=anyway)

    def choose_dose(self, path: Path) -> None:
        """Show the dose of a file over the images; where it may lie elsewhere the panel asks first."""
        for candidate in self._candidates(self.session.volume):
            if candidate.dose is not None and candidate.dose.path == path and not candidate.parts:
                if candidate.objection:
                    self.show_panel()
                self.choose(candidate)

    def _read(self, candidate: OverlayCandidate, *, anyway: bool) -> None:
        base, study = self.session.volume, self.session.study

        def work(report: Report) -> DoseInStudy:
            return read_candidate(candidate, study, report)

        def done(found: DoseInStudy) -> None:
            self._reading = None
            if self.session.volume is base and self.session.study is study:
                self._show_dose(found, anyway=anyway)

        self._reading = self.window.tasks.start("Reading dose", work, done)
        self._reading.failed.connect(self._changed)  # what is chosen is what was shown before

    def _show_dose(self, found: DoseInStudy, *, anyway: bool) -> None:
        base, prescribed = self.session.volume, found.prescribed_gy
        if base is None or is_dose_alone(self.session):
            show_dose_alone(self.session, found.dose, prescribed)
        else:
            self._show(partial(self._state.show_dose, found.dose, base, anyway=anyway, prescribed=prescribed))
        self.window.say(found.note)

    def _show(self, show: partial[None]) -> None:
        try:
            show()
        except UsageError as error:
            self.panel.refresh()
            self.window.show_error(error)
        else:  # also in the place of what was said of it before, such as that it isn't shown
            self.window.say(self._state.captions[0])

    def _cancel_reading(self) -> None:
        if self._reading is not None and self._reading in self.window.tasks.running:
            self._reading.cancel()
        self._reading = None

    def clear(self) -> None:
        """Show nothing over the images."""
        self._cancel_reading()
        self._state.clear()

    def choose_next(self) -> None:
        """The next series or dose that surely fits; after the last one nothing."""
        fitting = [one for one in self._candidates(self.session.volume) if not one.objection]
        shown = self._state.volume
        keys = set() if shown is None else {shown.volume_id, str(shown.slices[0].path)}
        places = [n for n, one in enumerate(fitting) if one.key in keys]
        following = places[0] + 1 if places else 0
        if following < len(fitting):
            self.choose(fitting[following])
        else:
            self.clear()

    def swap(self) -> None:
        """The overlay becomes the images and these the overlay, with their windows and colours; the cursor stays."""
        over, base, state = self._state.volume, self.session.volume, self._state
        if over is None or base is None or state.dose is not None:
            return
        cursor, bounds, doubtful = self.session.cursor_lps, self.session.bounds, bool(state.caution)
        look, colors, inverse = state.look, self.session.color_map, self.session.inverse
        self.session.activate_volume(over.volume_id)
        self.session.move_cursor(cursor)
        self.session.set_bounds(*look.bounds)
        self.session.set_color_map(look.color_map, inverse=look.inverse)
        state.show_series(base, self.session.volume, anyway=doubtful)
        state.set_look(replace(state.look, bounds=bounds, color_map=colors, inverse=inverse))
        self.window.say(f"{over.modality} below, {base.modality} over it")

    # --- how it looks --------------------------------------------------------------------------------------------

    def toggle(self) -> None:
        """Hide the overlay, or show it again."""
        self._state.set_visible(visible=not self._state.visible)
        self._changed()

    def change_opacity(self, step: float) -> None:
        """Paint more or less of it."""
        if self._state.volume is not None:
            self._state.set_look(replace(self._state.look, opacity=round(self._state.look.opacity + step, 2)))
            self.window.say(f"Overlay {100 * self._state.look.opacity:.0f} %")

    def toggle_wash(self) -> None:
        """Paint colours, or none."""
        self._state.set_look(replace(self._state.look, wash=not self._state.look.wash))

    def toggle_isodoses(self) -> None:
        """Draw isodose lines, or none."""
        self._state.set_isodoses(replace(self._state.isodoses, shown=not self._state.isodoses.shown))

    def show_panel(self) -> None:
        """Bring the Overlay panel in front."""
        dock = self.window.docks["overlay"]
        dock.show()
        dock.raise_()

    # --- SUV -----------------------------------------------------------------------------------------------------

    def toggle_suv(self) -> None:
        """PET in SUV, or in the unit of its files."""
        self.show_suv(shown=not pet_volumes(self.session.study, in_suv=True))

    def show_suv(self, *, shown: bool) -> None:
        """PET in SUV by body weight, or in the unit of its files; where that can't be, the panel says why."""
        keep_pet_in_suv(shown=shown)
        volumes = pet_volumes(self.session.study, in_suv=not shown)

        def work(report: Report) -> tuple[list[Volume], list[InputError]]:
            changed, refused = [], []
            for n, volume in enumerate(volumes):
                report(n, len(volumes))
                try:
                    changed.append(as_suv(volume) if shown else as_stored(volume))
                except InputError as error:
                    refused.append(error)
            return changed, refused

        def done(result: tuple[list[Volume], list[InputError]]) -> None:
            changed, refused = result
            self._refused_suv = _sentence(refused[0].what) if refused else ""
            there = {one.volume_id: one for one in self.session.study.volumes}
            for volume in changed:
                now = there.get(volume.volume_id)
                if now is not None and now.voxels is volume.voxels:  # another study may have come meanwhile
                    self.session.replace_volume(volume)
            self._offer()

        self.window.tasks.start("Computing SUV" if shown else "Reading units", work, done)
        self._offer()  # the switch shows what is, not what was asked


def _sentence(what: str) -> str:
    return f"{what[:1].upper()}{what[1:]}."
