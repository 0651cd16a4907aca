"""HOST:PORT as people write it."""

from __future__ import annotations

from rtvis.model.errors import UsageError


def parse_address(text: str) -> tuple[str, int]:
    """Host and port of ``HOST:PORT``; an IPv6 host stands in brackets.

    >>> parse_address("linac-2:11190"), parse_address("[::1]:0")
    (('linac-2', 11190), ('::1', 0))

    Raises:
        UsageError: when it isn't one.
    """
    host, colon, port = text.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    name = host[1:-1] if bracketed else host
    digits = port.isascii() and port.isdigit() and len(port) <= 5
    if not colon or not name or not digits or int(port) > 65535 or (":" in name and not bracketed):
        raise UsageError(f"{text!r} isn't HOST:PORT", remedy="write it as 127.0.0.1:11190 or [::1]:11190")
    return name, int(port)


def format_address(host: str, port: int) -> str:
    """``HOST:PORT``, an IPv6 host in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
