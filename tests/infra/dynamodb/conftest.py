from __future__ import annotations

from collections.abc import Iterator

import pytest
from boto3.session import Session

from infra.dynamodb import client


@pytest.fixture(autouse=True, scope="session")
def one_session() -> Iterator[None]:
    """Every client of these tests comes from one session, which reads botocore's service descriptions once."""
    session = Session()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(client, "Session", lambda: session)
        yield
