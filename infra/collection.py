"""The garbage collector, kept from work that would be in vain."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Nothing is collected within the block, in any thread: for what makes much, all of which stays.

    botocore reads a megabyte of descriptions for a client, and the collector would double what that takes. Of blocks in
    several threads, the first to end lets the collector run again; after the last it always runs as before.
    """
    running = gc.isenabled()
    if running:  # whoever finds it disabled leaves it alone: it may be enabled again by now, for good
        gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()
