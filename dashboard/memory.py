"""What stays in memory for good is looked through once, not after every page."""

from __future__ import annotations

import gc
from functools import cache


@cache
def settle() -> None:
    """Take what the first page left behind out of the collector's sight, once in a process.

    Modules, facts and compiled statements are some 200,000 objects that never become garbage.
    Streamlit collects after each run of a script, and Python by itself now and then while a page
    is drawn: with them that stops every visitor for a tenth of a second and more.
    """
    gc.collect()
    gc.freeze()
