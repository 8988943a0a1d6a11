"""Whoever follows something is looked at again: a session that ended and a key that was revoked are good no more."""

from __future__ import annotations

import pytest

from colonnade import Context
from colonnade.errors import Unauthenticated
from colonnade.permissions import Principal
from colonnade.testing import Harness
from plugins.identity.sessions import end_session
from tests.plugins.identity.signing import harness, principal, somebody
from tests.plugins.identity.test_api_keys import REVOKE, create


@pytest.fixture
def api() -> Harness:
    return harness(access="open")


async def renewed(api: Harness, context: Context, who: Principal) -> Principal:
    for _, authenticator in api.composition.authenticators:
        assert authenticator.renew is not None
        found = await authenticator.renew(context, who)
        if found is not None:
            return found
    raise AssertionError("no authenticator knows this credential")


async def test_a_session_is_good_until_it_ends(api: Harness) -> None:
    alice = await somebody(api)
    context = api.context()
    who = await principal(api, alice.tokens["accessToken"])
    assert await renewed(api, context, who) == who

    assert await end_session(context, alice.user, who.credential or "")
    with pytest.raises(Unauthenticated, match="the session has ended"):
        await renewed(api, context, who)


async def test_a_key_is_good_until_it_is_revoked(api: Harness) -> None:
    alice = await somebody(api)
    made = await create(alice)
    who = await principal(api, made["secret"])
    assert await renewed(api, api.context(), who) == who

    await alice.api.data(REVOKE, {"id": made["apiKey"]["id"]})
    with pytest.raises(Unauthenticated, match="revoked"):
        await renewed(api, api.context(), who)
