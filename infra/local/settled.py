"""A collector of garbage that leaves alone what a server has once made and keeps."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from typing import Any, Final

TIMES: Final = 12
"""Full collections after which what is left is set aside: the first requests to each part make what that part keeps."""


def settle(times: int = TIMES) -> None:
    """Collect now, and have no later collection look at what is left of this one or of the next `times` full ones.

    A full collection stops every thread, 80 ms for 80,000 objects, and clients, models and documents that are made at their
    first use are most of those. What is set aside is never collected, if it ever becomes a cycle that nothing refers to:
    at most what was under way in so many moments.
    """
    left = times

    def set_aside(phase: str, info: Mapping[str, Any]) -> None:
        nonlocal left
        if phase == "stop" and info["generation"] == 2:
            gc.freeze()
            left -= 1
            if left <= 0:
                gc.callbacks.remove(set_aside)

    gc.collect()
    gc.freeze()
    if times:
        gc.callbacks.append(set_aside)
