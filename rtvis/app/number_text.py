"""Values of voxels, windows and doses as they are written for people."""

from __future__ import annotations

WHOLE_FROM = 1000.0
"""From here on decimals say nothing, and four digits would be too few: 12345 is not 1.234e+04."""


def number_text(value: float) -> str:
    """A value with four significant digits, or all digits before the point where these are more.

    Args:
        value: in whatever unit; the unit is the caller's to write.

    Returns:
        Such as ``0.2358``, ``-1024``, ``65535``; ``nan`` and ``inf`` as such.
    """
    return f"{value:.0f}" if WHOLE_FROM <= abs(value) < float("1e15") else f"{value:.4g}"
