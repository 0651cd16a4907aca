"""Properties are tested on the same examples at each run, however busy the machine is.

`HYPOTHESIS_PROFILE=explore pytest tests/unit` tries other examples each time, ten times as many.
"""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))
