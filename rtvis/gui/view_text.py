"""The words in the corners of a view."""

from __future__ import annotations

from rtvis.app.palette import PLANE_COLORS
from rtvis.app.planes import PlaneKind, ViewPlane
from rtvis.app.session import Session
from rtvis.scene.framing import Framing
from rtvis.scene.overlay import EDGE_MARGIN, Label, Overlay, corner_overlay

SMALL_VIEW_PX = 320
"""Below this width only the first corner is written: anatomy comes first."""

POSITION_LETTERS = {PlaneKind.AXIAL: "S", PlaneKind.CORONAL: "P", PlaneKind.SAGITTAL: "L"}
TITLE_SIZE = 13.0


def view_texts(framing: Framing, view: ViewPlane, session: Session, *, interpolated: bool) -> Overlay:
    """Plane, slice and position; patient and series; window, level and zoom."""
    title = Label(
        EDGE_MARGIN, EDGE_MARGIN, view.kind.value.capitalize(), PLANE_COLORS[view.kind], "lt", TITLE_SIZE, bold=True
    )
    letter = POSITION_LETTERS.get(view.kind, "")
    position = f"{letter} {view.position_mm:.1f} mm".lstrip()
    first = [" ", f"{view.slice_text}   {position}", "interpolated" if interpolated else ""]
    captions = session.overlay.captions
    first += captions[1:]  # why an overlay is doubtful is said in the smallest view
    corners = {"lt": first}
    volume = session.volume
    if framing.width >= SMALL_VIEW_PX and volume is not None:
        width, level = session.window
        name = " ".join(part for part in volume.patient.name.split("^") if part)
        corners["rt"] = [name or volume.patient.patient_id, f"{volume.modality}  {volume.description}".rstrip()]
        corners["lb"] = [*captions[:1], f"W {width:.4g}  L {level:.4g}", f"{1 / framing.mm_per_pixel:.2f} px/mm"]
    return Overlay(labels=(title,)) + corner_overlay(framing, corners)  # type: ignore[arg-type]  # anchors are str
