"""A thousand random edits of every kind, undone and redone, in memory and from the journal: the identical set."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from shapely import Polygon

from rtvis.app import roi_edits
from rtvis.app.commits import commit
from rtvis.app.planes import PlaneKind
from rtvis.app.planned_contours import (
    CopyToSlices,
    DeleteContours,
    Give,
    Place,
    Reverse,
    Scope,
    Simplify,
    SmoothContours,
)
from rtvis.app.planned_edit import Planner, Target, commit_planned
from rtvis.app.planned_interpolation import Interpolate
from rtvis.app.planned_operations import TITLES, Clip, Combine, Margin, Ring, SmoothBody
from rtvis.app.roi_templates import SITES, apply_template
from rtvis.app.session import Session
from rtvis.app.tools import Painted
from rtvis.app.tools_select import ContourSelection, join_chosen
from rtvis.editing.journal_folder import JournalFolder
from rtvis.editing.painting import Area
from rtvis.geometry.grid import Grid
from rtvis.model.digest import structure_set_digest
from rtvis.model.errors import UsageError
from rtvis.model.progress import no_report
from rtvis.model.structure_set import Contour, Roi, StructureSet
from rtvis.model.study import Study
from rtvis.model.volume import Patient, Slice, Volume

EDITS = 1000
MOST_ROIS, MOST_CONTOURS = 8, 60
AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
SHAPE, SPACING = (10, 24, 28), (3.0, 2.0, 2.0)


def make_study() -> Study:
    origins = np.column_stack([np.zeros(10), np.zeros(10), 3.0 * np.arange(10)])
    slices = tuple(
        Slice(f"1.2.3.4.{n}", "1.2.840.10008.5.1.4.1.1.2", tuple(one), AXIAL, SPACING[1:], *SHAPE[1:])
        for n, one in enumerate(origins.tolist())
    )
    grid = Grid.from_slices(origins, AXIAL, SPACING[1:], SHAPE[1:], frame_of_reference_uid="1.2.9")
    volume = Volume(
        volume_id="1.2.3",
        series_instance_uid="1.2.3",
        study_instance_uid="1.2",
        modality="CT",
        patient=Patient("P", "Doe^Jo"),
        grid=grid,
        voxels=np.zeros(SHAPE, dtype=np.int16),
        slices=slices,
    )
    box = [[10, 10], [30, 10], [30, 30], [10, 30]]
    contours = tuple(
        Contour.drawn(np.column_stack([box, np.full(4, z)]), closed=True, images=()) for z in (6.0, 9.0, 12.0)
    )
    rois = (Roi(1, "Box", contours, (200, 30, 30), "ORGAN"), Roi(2, "Empty"))
    one = StructureSet("R", rois, sop_instance_uid="1.2.5", volume=volume, matched_by="references")
    return Study(volumes=(volume,), structure_sets=(one,))


class Hand:
    """Does one edit after the other, which ones `chance` says."""

    def __init__(self, session: Session, chance: random.Random) -> None:
        self.session, self.chance = session, chance
        self.kinds: dict[str, Callable[[], object]] = {
            name.removeprefix("do_"): getattr(self, name) for name in dir(self) if name.startswith("do_")
        }
        self.made: dict[str, int] = dict.fromkeys(self.kinds, 0)

    def edit(self) -> None:
        """One edit; one that is refused in so many words changes nothing."""
        before = self.session.structure_set
        steps = self.session.history.place
        kind = self.chance.choice(list(self.kinds))
        if sum(len(one.contours) for one in before.rois) > MOST_CONTOURS:
            kind = "delete_contours"
        elif len(before.rois) > MOST_ROIS:
            kind = "delete_roi"
        elif len(before.rois) < 2:
            kind = "add"
        try:
            self.kinds[kind]()
        except UsageError:
            assert self.session.structure_set is before
            return
        self.made[kind] += self.session.history.place != steps or self.session.structure_set is not before

    @property
    def number(self) -> int:
        return self.chance.choice(self.session.structure_set.rois).number

    @property
    def place(self) -> Place:
        cursor = np.array([self.chance.uniform(2, 50), self.chance.uniform(2, 44), 3.0 * self.chance.randint(0, 9)])
        return Place(self.chance.choice(list(PlaneKind)), cursor, self.session.oblique)

    @property
    def scope(self) -> Scope:
        slices = (self.chance.randint(0, 9), self.chance.randint(0, 9)) if self.chance.random() < 0.3 else None
        return Scope() if self.chance.random() < 0.4 else Scope(self.place, slices)

    @property
    def target(self) -> Target:
        return Target(self.number) if self.chance.random() < 0.5 else Target(name=f"New {self.chance.random()}")

    def plan(self, planner: Planner) -> None:
        session = self.session
        commit_planned(session, planner(session.structure_set, session.volume, no_report))

    def square(self, half: float) -> np.ndarray:
        x, y = self.chance.uniform(8, 44), self.chance.uniform(8, 38)
        return np.array([[x - half, y - half], [x + half, y - half], [x + half, y + half], [x - half, y + half]])

    def do_add(self) -> None:
        self.session.add_roi(roi_edits.free_name(self.session.structure_set))

    def do_draw(self) -> None:
        """A closed, an open, a non-planar contour or a point."""
        self.session.activate_roi(self.number if self.chance.random() < 0.8 else None)
        z = 3.0 * self.chance.randint(0, 9)
        points = np.column_stack([self.square(self.chance.uniform(2, 8)), np.full(4, z)])
        if self.chance.random() < 0.2:
            points[:, 2] += [0.0, 4.0, 1.0, -3.0]
        if self.chance.random() < 0.1:
            points = points[:1]
        self.session.add_contour(points, closed=len(points) > 1 and self.chance.random() < 0.6)

    def do_paint(self) -> None:
        place = Place(PlaneKind.AXIAL, self.place.cursor_lps, self.session.oblique)
        plane = place.view(self.session.volume).plane
        outline = np.column_stack([self.square(5.0), np.full(4, plane.origin_lps_mm[2])])
        area = Area(plane, Polygon(plane.to_plane(outline)))
        self.session.activate_roi(self.number)
        commit(self.session, Painted((area,), self.chance.random() < 0.4, "Brush stroke on"))

    def do_combine(self) -> None:
        self.plan(Combine(self.chance.choice(list(TITLES)), (self.number, self.number), self.target))

    def do_margin(self) -> None:
        sides = tuple(float(self.chance.randint(0, 6)) for _ in range(6))
        self.plan(Margin(self.number, sides, self.chance.random() < 0.4, self.target))

    def do_ring(self) -> None:
        self.plan(Ring(self.number, self.chance.uniform(0, 4), self.chance.uniform(1, 5), self.target))

    def do_smooth_body(self) -> None:
        self.plan(SmoothBody(self.number, self.chance.uniform(1, 4), self.target))

    def do_clip(self) -> None:
        plane = self.place.view(self.session.volume).plane
        self.plan(Clip(self.number, plane, "upper", self.target))

    def do_interpolate(self) -> None:
        self.plan(Interpolate(self.number))

    def do_smooth(self) -> None:
        self.plan(SmoothContours(self.number, self.chance.uniform(1, 5), self.scope))

    def do_simplify(self) -> None:
        self.plan(Simplify(self.number, self.chance.uniform(0, 3), self.scope))

    def do_reverse(self) -> None:
        self.plan(Reverse(self.number, self.scope))

    def do_copy(self) -> None:
        self.plan(CopyToSlices(self.number, self.place, (self.chance.choice([-2, -1, 1, 2]),)))

    def do_delete_contours(self) -> None:
        self.plan(DeleteContours(self.number, self.scope))

    def do_give(self) -> None:
        self.plan(Give(self.number, self.number, self.scope, self.chance.random() < 0.5))

    def do_join(self) -> None:
        for roi in self.session.structure_set.rois:
            lines = [n for n, one in enumerate(roi.contours) if not one.is_closed]
            if len(lines) > 1:
                chosen = ContourSelection()
                chosen.choose(roi, self.chance.sample(lines, 2))
                join_chosen(self.session, chosen)
                return

    def do_rename(self) -> None:
        roi_edits.rename_roi(self.session, self.number, f"Name {self.chance.random()}")

    def do_rename_several(self) -> None:
        roi_edits.rename_rois(self.session, {self.number: f"A{self.chance.random()}", self.number: "B"})

    def do_color(self) -> None:
        roi_edits.color_roi(self.session, self.number, (self.chance.randint(0, 255), 0, 9))

    def do_interpret(self) -> None:
        roi_edits.interpret_roi(self.session, self.number, self.chance.choice(roi_edits.INTERPRETED_TYPES))

    def do_renumber(self) -> None:
        roi_edits.renumber_roi(self.session, self.number, self.chance.randint(0, 40))

    def do_move_roi(self) -> None:
        roi_edits.move_roi(self.session, self.number, self.chance.randint(0, 6))

    def do_duplicate(self) -> None:
        roi_edits.duplicate_roi(self.session, self.number)

    def do_delete_roi(self) -> None:
        roi_edits.delete_roi(self.session, self.number)

    def do_delete_rois(self) -> None:
        roi_edits.delete_rois(self.session, sorted({self.number, self.number}))

    def do_template(self) -> None:
        if self.chance.random() < 0.2:
            apply_template(self.session, self.chance.choice(SITES))

    def do_undo(self) -> None:
        for _ in range(self.chance.randint(1, 4)):
            self.session.undo()

    def do_redo(self) -> None:
        for _ in range(self.chance.randint(1, 4)):
            self.session.redo()

    def do_jump(self) -> None:
        if self.chance.random() < 0.2:
            here = self.session.history.place
            wanted = here + self.chance.randint(-6, 6)
            self.session.go_to_step(min(max(wanted, 0), self.session.history.step_count))


def digest(session: Session) -> str:
    return structure_set_digest(session.structure_set, "sha256").text


@settings(max_examples=2, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(seed=st.integers(0, 2**32))
def test_a_thousand_random_edits_of_every_kind_undone_and_redone_give_the_identical_set(seed, tmp_path_factory) -> None:
    folder = JournalFolder(tmp_path_factory.mktemp("journals"), who="x")
    study = make_study()
    session = Session(folder)
    session.show(study)
    base = session.structure_set
    hand = Hand(session, random.Random(seed))
    for _ in range(EDITS):
        hand.edit()
    assert sum(count == 0 for count in hand.made.values()) <= 6  # what chance may leave without an occasion
    assert sum(hand.made.values()) > EDITS // 3
    last, ended, steps = session.structure_set, digest(session), session.history.step_count
    session.go_to_step(steps)
    top = session.structure_set
    digests = [digest(session)]
    while session.undo():
        digests.append(digest(session))
    assert len(digests) == steps + 1
    assert session.structure_set is base
    again = [digest(session)]
    while session.redo():
        again.append(digest(session))
    assert again == digests[::-1]
    assert session.structure_set is top
    session.go_to_step(next(n for n in range(steps + 1) if again[n] == ended))
    assert digest(session) == ended == structure_set_digest(last, "sha256").text
    session.close()
    # The journal holds it all, written as it was made.
    left = folder.unsaved()
    assert bool(left) == (ended != again[0])
    if left:
        value, journal = folder.recover(left[0], base)
        assert structure_set_digest(value, "sha256").text == ended
        journal.close(remove=True)
