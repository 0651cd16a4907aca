"""`python -m rtvis` is `rtvis`."""

import sys

from rtvis.cli.main import main

sys.exit(main())
