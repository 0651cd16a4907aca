"""What of the look of 3D is there again in the next program: how ROIs are drawn, which planes, how one projects.

A cut and a rendered volume belong to the study that they were chosen for.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rtvis.app.planes import PlaneKind
from rtvis.app.roi_looks import RoiStyle
from rtvis.gui.settings import settings

if TYPE_CHECKING:
    from rtvis.app.view3d_state import Look3D

LOOK_KEY = "3d/look"


def keep_look(look: Look3D) -> None:
    """Have the next program begin with a look."""
    kept = {"roi_style": look.roi_style, "planes": sorted(look.planes), "parallel": look.parallel}
    text = json.dumps(kept)
    if str(settings().value(LOOK_KEY, "")) != text:
        settings().setValue(LOOK_KEY, text)


def kept_look() -> dict[str, Any]:
    """Fields of `Look3D` to begin with; none where nothing was kept that makes sense."""
    try:
        kept = json.loads(str(settings().value(LOOK_KEY, "{}")))
        return {
            "roi_style": RoiStyle(kept["roi_style"]),
            "planes": frozenset(PlaneKind(one) for one in kept["planes"]),
            "parallel": bool(kept["parallel"]),
        }
    except (ValueError, KeyError, TypeError):
        return {}
