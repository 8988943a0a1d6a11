"""Sessions: staying signed in, and every way in which one ends."""

from __future__ import annotations

import pytest

from colonnade.core_events import CredentialRevoked
from colonnade.outbox import OUTBOX
from colonnade.store import Update, Writes
from colonnade.testing import FrozenClock, Harness, MemoryStore
from plugins.identity.bearer_secrets import RefreshToken
from plugins.identity.entities import SESSION
from tests.plugins.identity.signing import ALICE, BOB, acting, harness, refreshed, signed_in, somebody

SIGN_OUT = """mutation($everywhere: Boolean!) { signOut(input: {everywhere: $everywhere}) {
  __typename ... on SessionsEnded { sessionIds } ... on UserError { code } } }"""
REVOKE = """mutation($id: ID!) { revokeSession(input: {sessionId: $id}) {
  __typename ... on SessionsEnded { sessionIds } ... on UserError { code } } }"""
SESSIONS = """query($first: Int!, $after: String) { viewer { sessions(first: $first, after: $after) {
  edges { node { id address label createdAt lastUsedAt endsAt current } } pageInfo { hasNextPage endCursor } } } }"""

REFRESHED = """mutation($input: RefreshSessionInput!) { refreshSession(input: $input) {
  ... on SessionTokens { refreshToken refreshTokenExpiresAt } } }"""


@pytest.fixture
def api() -> Harness:
    return harness()


async def revocations(api: Harness, credential: str) -> int:
    page = await api.store.query(OUTBOX.query(topic=CredentialRevoked.topic(credential)))
    return len(page.items)


async def test_a_refresh_token_gives_the_next_ones(api: Harness) -> None:
    tokens = await signed_in(api)
    for _ in range(3):
        api.clock.advance(599)
        fresh = await refreshed(api, tokens["refreshToken"])
        assert fresh["sessionId"] == tokens["sessionId"]
        assert fresh["user"] == tokens["user"]
        assert fresh["refreshToken"] != tokens["refreshToken"]
        await acting(api, fresh["accessToken"])
        tokens = fresh


async def test_a_reused_refresh_token_ends_the_whole_session(api: Harness) -> None:
    first = await signed_in(api)
    second = await refreshed(api, first["refreshToken"])
    third = await refreshed(api, second["refreshToken"])
    assert (await refreshed(api, first["refreshToken"]))["code"] == "REFRESH_TOKEN_REUSED"
    assert (await refreshed(api, third["refreshToken"]))["code"] == "REFRESH_TOKEN_INVALID"
    assert await revocations(api, first["sessionId"]) == 1


async def test_other_sessions_of_the_user_go_on(api: Harness) -> None:
    stolen, other = await signed_in(api), await signed_in(api)
    await refreshed(api, stolen["refreshToken"])
    await refreshed(api, stolen["refreshToken"])
    assert (await refreshed(api, other["refreshToken"]))["__typename"] == "SessionTokens"


async def test_whoever_only_knows_of_a_session_cannot_end_it(api: Harness) -> None:
    tokens = await signed_in(api)
    guessed = RefreshToken.first(tokens["user"]["id"], tokens["sessionId"]).shown()
    assert (await refreshed(api, guessed))["code"] == "REFRESH_TOKEN_INVALID"
    assert (await refreshed(api, tokens["refreshToken"]))["__typename"] == "SessionTokens"


@pytest.mark.parametrize("token", ["", "ref_", "x" * 10_000, "ref_\ud800", "col_abc"])
async def test_what_is_no_refresh_token_is_refused(api: Harness, token: str) -> None:
    assert (await refreshed(api, token))["code"] == "REFRESH_TOKEN_INVALID"


async def test_a_session_that_is_not_used_for_thirty_days_is_over(api: Harness) -> None:
    tokens = await signed_in(api)
    api.clock.advance(30 * 86_400)
    assert (await refreshed(api, tokens["refreshToken"]))["code"] == "REFRESH_TOKEN_INVALID"


async def test_a_session_ends_after_ninety_days_however_much_it_is_used(api: Harness) -> None:
    tokens = await signed_in(api)
    for _ in range(4):
        api.clock.advance(22 * 86_400)
        tokens = await refreshed(api, tokens["refreshToken"])
    api.clock.advance(2 * 86_400)
    assert (await refreshed(api, tokens["refreshToken"]))["code"] == "REFRESH_TOKEN_INVALID"


async def test_the_last_refresh_token_of_a_session_says_that_the_session_ends_first(api: Harness) -> None:
    tokens = await signed_in(api)
    for _ in range(3):
        api.clock.advance(25 * 86_400)
        given = {"input": {"refreshToken": tokens["refreshToken"]}}
        tokens = (await api.data(REFRESHED, given))["refreshSession"]
    assert tokens["refreshTokenExpiresAt"] == "2026-04-01T00:00:00Z"


async def test_the_end_of_a_session_counts_whatever_its_row_is_kept_for(api: Harness) -> None:
    tokens = await signed_in(api)
    soon = int(api.clock.now().timestamp()) + 60
    key = SESSION.key(user=tokens["user"]["id"], id=tokens["sessionId"])
    await api.store.transact(Writes([Update(key, set={"ends_at": soon})]))
    api.clock.advance(59)
    tokens = await refreshed(api, tokens["refreshToken"])
    await api.store.transact(Writes([Update(key, expires_at=soon + 86_400)]))
    api.clock.advance(1)
    assert (await refreshed(api, tokens["refreshToken"]))["code"] == "REFRESH_TOKEN_INVALID"


async def test_only_hashes_are_kept(api: Harness) -> None:
    tokens = await signed_in(api)
    token = RefreshToken.parse(tokens["refreshToken"])
    assert token is not None
    item = await api.store.get(SESSION.key(user=tokens["user"]["id"], id=tokens["sessionId"]))
    kept = repr(item)
    for secret in (token.family.hex(), token.secret.hex(), repr(token.secret), tokens["refreshToken"]):
        assert secret not in kept
    assert repr(token.secret) not in repr(token)


async def test_sessions_are_listed_newest_first_for_their_user_alone(api: Harness) -> None:
    old = await signed_in(api, label="phone")
    api.clock.advance(60)
    new = await signed_in(api)
    await signed_in(api, BOB)
    alice = await acting(api, new["accessToken"])
    api.clock.advance(60)
    await refreshed(api, old["refreshToken"])
    page = (await alice.data(SESSIONS, {"first": 1}))["viewer"]["sessions"]
    rest = (await alice.data(SESSIONS, {"first": 9, "after": page["pageInfo"]["endCursor"]}))["viewer"][
        "sessions"
    ]
    first, second = (p["edges"][0]["node"] for p in (page, rest))
    assert (page["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (True, False)
    assert (first["id"], first["current"], first["label"]) == (new["sessionId"], True, None)
    assert second == {
        "id": old["sessionId"],
        "address": ALICE.address,
        "label": "phone",
        "createdAt": "2026-01-01T00:00:00Z",
        "lastUsedAt": "2026-01-01T00:02:00Z",
        "endsAt": "2026-04-01T00:00:00Z",
        "current": False,
    }


async def test_signing_out_ends_this_session(api: Harness) -> None:
    alice, other = await somebody(api), await signed_in(api)
    answer = (await alice.api.data(SIGN_OUT, {"everywhere": False}))["signOut"]
    assert answer["sessionIds"] == [alice.tokens["sessionId"]]
    assert (await refreshed(api, alice.tokens["refreshToken"]))["code"] == "REFRESH_TOKEN_INVALID"
    assert (await refreshed(api, other["refreshToken"]))["__typename"] == "SessionTokens"
    again = (await alice.api.data(SIGN_OUT, {"everywhere": False}))["signOut"]
    assert again["code"] == "SESSION_NOT_FOUND"
    assert await revocations(api, alice.tokens["sessionId"]) == 1


async def test_signing_out_everywhere_ends_all_of_the_users_sessions_and_nobody_elses(api: Harness) -> None:
    alice, other, bob = await somebody(api), await signed_in(api), await signed_in(api, BOB)
    answer = (await alice.api.data(SIGN_OUT, {"everywhere": True}))["signOut"]
    assert set(answer["sessionIds"]) == {alice.tokens["sessionId"], other["sessionId"]}
    assert (await refreshed(api, other["refreshToken"]))["code"] == "REFRESH_TOKEN_INVALID"
    assert (await refreshed(api, bob["refreshToken"]))["__typename"] == "SessionTokens"


async def test_a_session_is_revoked_by_its_user_alone(api: Harness) -> None:
    alice, bob = await somebody(api), await somebody(api, BOB)
    stranger = (await bob.api.data(REVOKE, {"id": alice.tokens["sessionId"]}))["revokeSession"]
    assert stranger["code"] == "SESSION_NOT_FOUND"
    other = await signed_in(api)
    revoked = (await alice.api.data(REVOKE, {"id": other["sessionId"]}))["revokeSession"]
    assert revoked["sessionIds"] == [other["sessionId"]]
    assert (await refreshed(api, other["refreshToken"]))["code"] == "REFRESH_TOKEN_INVALID"


@pytest.mark.parametrize(
    "session", ["", "ses_", "x" * 3_000, "ses_" + "#" * 26, "key_01KDVDNA000000000000000001"]
)
async def test_what_is_no_session_cannot_be_revoked(api: Harness, session: str) -> None:
    alice = await somebody(api)
    revoked = (await alice.api.data(REVOKE, {"id": session}))["revokeSession"]
    assert revoked["code"] == "SESSION_NOT_FOUND"


async def test_a_session_is_a_node_for_its_user_alone(api: Harness) -> None:
    alice, bob = await somebody(api), await somebody(api, BOB)
    query = "query($id: ID!) { node(id: $id) { id } }"
    mine = {"id": alice.tokens["sessionId"]}
    assert (await alice.api.data(query, mine))["node"] == mine
    assert (await bob.api.data(query, mine))["node"] is None
    assert (await api.data(query, mine))["node"] is None


class ForgetfulStore(MemoryStore):
    """Loses the answer to each single update, asks again, and so meets its own first attempt."""

    async def transact(self, writes: Writes) -> None:
        await super().transact(writes)
        if len(writes) == 1 and isinstance(writes.items[0], Update):
            await super().transact(writes)


async def test_a_write_that_the_store_repeats_is_no_reuse() -> None:
    clock = FrozenClock()
    api = harness(store=ForgetfulStore(clock), clock=clock)
    tokens = await signed_in(api)
    for _ in range(2):
        tokens = await refreshed(api, tokens["refreshToken"])
        assert tokens["__typename"] == "SessionTokens"
