from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def quickly_made_clients(one_boto_session: None) -> None:
    """Also for the tests that need no engine."""
