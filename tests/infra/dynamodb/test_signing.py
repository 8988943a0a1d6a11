"""Our signature of a request is botocore's, byte for byte."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore import auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials
from hypothesis import given
from hypothesis import strategies as st

from infra.dynamodb.signing import MOMENT, Signer

CONTENT_TYPE = "application/x-amz-json-1.0"
KEYS = st.text("ABCDEFabcdef0123456789+/", min_size=1, max_size=40)
SECONDS = st.integers(0, 4_000_000_000)


@given(
    KEYS,
    KEYS,
    st.none() | KEYS,
    st.binary(min_size=1, max_size=200),
    st.lists(SECONDS, min_size=1, max_size=3),
)
def test_a_signature_is_what_botocore_signs(
    access: str, secret: str, token: str | None, body: bytes, moments: list[int]
) -> None:
    credentials: Any = ReadOnlyCredentials(access, secret, token)
    signer = Signer("eu-west-1", "dynamodb", "127.0.0.1:8123", CONTENT_TYPE)
    for seconds in [*moments, *moments]:
        ours = signer.headers(credentials, "DynamoDB_20120810.Query", body, moment(seconds))
        assert ours == theirs(credentials, body, seconds)


def moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime(MOMENT)


def theirs(credentials: Any, body: bytes, seconds: int) -> dict[str, str]:
    headers = {"Content-Type": CONTENT_TYPE, "X-Amz-Target": "DynamoDB_20120810.Query"}
    request = AWSRequest("POST", "http://127.0.0.1:8123/", headers, body)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(auth, "get_current_datetime", lambda: datetime.fromtimestamp(seconds, UTC))
        auth.SigV4Auth(credentials, "dynamodb", "eu-west-1").add_auth(request)
    return dict(request.headers.items())


def test_the_key_of_a_day_is_made_anew_for_another_secret_and_another_day() -> None:
    signer = Signer("eu-west-1", "dynamodb", "host", CONTENT_TYPE)
    first: Any = ReadOnlyCredentials("A", "one", None)
    second: Any = ReadOnlyCredentials("A", "two", None)
    told = {
        signer.headers(who, "T", b"{}", moment(seconds))["Authorization"]
        for who in (first, second, first)
        for seconds in (0, 86_400)
    }
    assert len(told) == 4
