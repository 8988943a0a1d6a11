"""What pytest gains where Colonnade is installed: the fixture `colonnade`."""

from __future__ import annotations

import pytest

from colonnade.testing.harness import Harness


@pytest.fixture
def colonnade() -> type[Harness]:
    """Composes exactly the named plugins: `colonnade("applause", stand_ins=[…])`; see `Harness`."""
    return Harness
