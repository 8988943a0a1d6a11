"""How many cases a property is tried with: some in every run, ten thousand in a soak."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

import pytest
from hypothesis import settings

from tests.soak.plan import FULL

Test = TypeVar("Test", bound=Callable[..., object])

IN_A_SOAK: Final = 10_000


def cases(count: int) -> Callable[[Test], Test]:
    """Try a property with so many cases, and with `IN_A_SOAK` under `make soak`."""

    def decorate(test: Test) -> Test:
        marked: Test = pytest.mark.soak(test)
        return settings(max_examples=IN_A_SOAK if FULL else count, deadline=None)(marked)

    return decorate
