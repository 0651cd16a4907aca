"""UIDs of what is made here."""

from __future__ import annotations

from uuid import uuid4


def new_uid() -> str:
    """A UID that nothing else has: the root 2.25 and a random UUID as a decimal number (PS3.5 B.2)."""
    return f"2.25.{uuid4().int}"
