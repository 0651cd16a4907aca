"""Where the program `rtvis` begins: Ctrl-C is one line while the rest is still being loaded, too.

Nothing is imported here that takes time: until this module is there, an interrupt ends in Python's own traceback.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # as in typing, which takes longer to load than all of this
if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; see `rtvis.cli.program.run`."""
    try:
        from rtvis.cli.program import run
    except KeyboardInterrupt:
        if sys.stderr is not None:
            print("rtvis: interrupted", file=sys.stderr)
        return 130
    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
