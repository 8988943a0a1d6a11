"""The doorbell and what runs it, for the tests of incoming webhooks."""

from __future__ import annotations

import pytest

from colonnade.testing import Harness
from tests.inbound.doorbell import Doorbell


@pytest.fixture
def doorbell() -> Doorbell:
    return Doorbell()


@pytest.fixture
def harness(doorbell: Doorbell) -> Harness:
    return Harness(doorbell.plugin())
