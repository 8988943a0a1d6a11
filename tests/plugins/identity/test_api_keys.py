"""API keys: shown once, kept as hashes, no stronger than who made them, and gone when revoked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from colonnade.core_events import CredentialRevoked
from colonnade.errors import Unauthenticated
from colonnade.outbox import OUTBOX
from colonnade.testing import Harness
from plugins.identity.api_keys import KEPT_SECONDS, ApiKeys
from plugins.identity.bearer_secrets import api_key_hash, new_api_key
from plugins.identity.entities import API_KEY
from tests.plugins.identity.signing import (
    ALICE,
    BOB,
    SignedIn,
    acting,
    harness,
    principal,
    refreshed,
    somebody,
)

CREATE = """mutation($input: CreateApiKeyInput!) { createApiKey(input: $input) {
  __typename ... on ApiKeyCreated { secret apiKey { id name permissions createdAt expiresAt lastUsedOn } }
  ... on UserError { code message } } }"""
REVOKE = """mutation($id: ID!) { revokeApiKey(input: {apiKeyId: $id}) {
  __typename ... on ApiKeyRevoked { apiKeyId } ... on UserError { code } } }"""
LIST = "{ viewer { apiKeys { edges { node { id name permissions lastUsedOn } } } } }"

SESSIONS = "{ viewer { sessions { edges { node { id } } } } }"


@pytest.fixture
def api() -> Harness:
    return harness(access="open")


async def create(who: SignedIn, **changed: Any) -> Mapping[str, Any]:
    given = {"name": "bot", "permissions": ["ACCESS"], "idempotencyKey": "1", **changed}
    answer: Mapping[str, Any] = (await who.api.data(CREATE, {"input": given}))["createApiKey"]
    return answer


async def test_a_key_acts_for_its_maker(api: Harness) -> None:
    alice = await somebody(api)
    made = await create(alice)
    bot = await acting(api, made["secret"])
    assert (await bot.data("{ viewer { id permissions } }"))["viewer"] == {
        "id": alice.user,
        "permissions": ["ACCESS"],
    }
    assert made["secret"].startswith("col_")
    assert made["apiKey"]["createdAt"] == "2026-01-01T00:00:00Z"


async def test_a_secret_is_shown_once_and_kept_as_a_hash(api: Harness) -> None:
    alice = await somebody(api)
    made = await create(alice)
    again = await create(alice)
    assert again["secret"] is None
    assert again["apiKey"]["id"] == made["apiKey"]["id"]
    item = await api.store.get(API_KEY.key(user=alice.user, id=made["apiKey"]["id"]))
    assert item is not None
    assert made["secret"] not in repr(item)
    assert made["secret"][4:47] not in repr(item)


async def test_an_idempotency_key_with_other_arguments_is_refused(api: Harness) -> None:
    alice = await somebody(api)
    await create(alice)
    assert (await create(alice, name="other"))["code"] == "IDEMPOTENCY_KEY_REUSED"


async def test_a_key_can_do_no_more_than_its_maker() -> None:
    closed = harness()
    assert (await create(await somebody(closed)))["code"] == "PERMISSION_NOT_HELD"
    administered = harness(admin_addresses=(ALICE.address,))
    alice = await somebody(administered)
    assert (await create(alice, permissions=["ADMIN"]))["code"] == "PERMISSION_NOT_HELD"
    assert (await create(alice))["__typename"] == "ApiKeyCreated"


async def test_a_key_loses_what_its_maker_loses(api: Harness) -> None:
    made = await create(await somebody(api))
    assert (await principal(api, made["secret"])).permissions == {"ACCESS"}
    closed = harness(store=api.store, clock=api.clock)
    assert (await principal(closed, made["secret"])).permissions == frozenset()
    assert (await principal(api, made["secret"])).permissions == {"ACCESS"}


async def test_a_key_of_an_administrator_loses_access_with_the_setting() -> None:
    api = harness(admin_addresses=(ALICE.address,))
    made = await create(await somebody(api))
    assert (await principal(api, made["secret"])).permissions == {"ACCESS"}
    demoted = harness(store=api.store, clock=api.clock, admin_addresses=(BOB.address,))
    assert (await principal(demoted, made["secret"])).permissions == frozenset()


async def test_a_session_that_has_ended_makes_no_key(api: Harness) -> None:
    """Else whoever stole an access token kept what its owner took away."""
    alice = await somebody(api)
    await refreshed(api, alice.tokens["refreshToken"])
    assert (await refreshed(api, alice.tokens["refreshToken"]))["code"] == "REFRESH_TOKEN_REUSED"
    given = {"name": "bot", "permissions": ["ACCESS"], "idempotencyKey": "1"}
    result = await alice.api.execute(CREATE, {"input": given})
    assert [error.code for error in result.errors] == ["UNAUTHENTICATED"]
    assert (await (await somebody(api)).api.data(LIST))["viewer"]["apiKeys"]["edges"] == []


async def test_a_key_makes_and_breaks_no_credentials(api: Harness) -> None:
    alice = await somebody(api)
    secret = (await create(alice))["secret"]
    bot = await acting(api, secret)
    given = {"name": "child", "permissions": [], "idempotencyKey": "2"}
    for query, variables in (
        (CREATE, {"input": given}),
        (REVOKE, {"id": "key_1"}),
        (LIST, {}),
        (SESSIONS, {}),
    ):
        result = await bot.execute(query, variables)
        assert [error.code for error in result.errors] == ["FORBIDDEN"]
    for credential in (alice.tokens["sessionId"], (await principal(api, secret)).credential):
        query = "query($id: ID!) { node(id: $id) { id } }"
        assert (await alice.api.data(query, {"id": credential}))["node"] == {"id": credential}
        assert (await bot.data(query, {"id": credential}))["node"] is None


async def test_a_revoked_key_is_gone_within_five_seconds(api: Harness) -> None:
    alice = await somebody(api)
    made = await create(alice)
    now = 0.0
    keys = ApiKeys(lambda: now)
    assert await keys.authenticate(api.context(), made["secret"]) is not None
    revoked = (await alice.api.data(REVOKE, {"id": made["apiKey"]["id"]}))["revokeApiKey"]
    assert revoked == {"__typename": "ApiKeyRevoked", "apiKeyId": made["apiKey"]["id"]}
    now = KEPT_SECONDS
    with pytest.raises(Unauthenticated, match="revoked"):
        await keys.authenticate(api.context(), made["secret"])
    with pytest.raises(Unauthenticated):
        await ApiKeys().authenticate(api.context(), made["secret"])
    page = await api.store.query(OUTBOX.query(topic=CredentialRevoked.topic(made["apiKey"]["id"])))
    assert len(page.items) == 1
    assert (await alice.api.data(REVOKE, {"id": made["apiKey"]["id"]}))["revokeApiKey"][
        "code"
    ] == "API_KEY_NOT_FOUND"


async def test_a_key_is_revoked_and_listed_by_its_maker_alone(api: Harness) -> None:
    alice, bob = await somebody(api), await somebody(api, BOB)
    made = await create(alice)
    assert (await bob.api.data(REVOKE, {"id": made["apiKey"]["id"]}))["revokeApiKey"][
        "code"
    ] == "API_KEY_NOT_FOUND"
    assert (await bob.api.data(LIST))["viewer"]["apiKeys"]["edges"] == []
    query = "query($id: ID!) { node(id: $id) { id } }"
    assert (await bob.api.data(query, {"id": made["apiKey"]["id"]}))["node"] is None
    assert (await alice.api.data(query, {"id": made["apiKey"]["id"]}))["node"] is not None


async def test_the_day_of_last_use_is_kept(api: Harness) -> None:
    alice = await somebody(api)
    made = await create(alice)
    (edge,) = (await alice.api.data(LIST))["viewer"]["apiKeys"]["edges"]
    assert edge["node"] == {
        "id": made["apiKey"]["id"],
        "name": "bot",
        "permissions": ["ACCESS"],
        "lastUsedOn": None,
    }
    await acting(api, made["secret"])
    await acting(api, made["secret"])
    (edge,) = (await alice.api.data(LIST))["viewer"]["apiKeys"]["edges"]
    assert edge["node"]["lastUsedOn"] == "2026-01-01"


async def test_a_key_expires(api: Harness) -> None:
    made = await create(await somebody(api), expiresAt="2026-01-02T00:00:00Z")
    api.clock.advance(86_399)
    await acting(api, made["secret"])
    api.clock.advance(1)
    with pytest.raises(Unauthenticated, match="expired"):
        await acting(api, made["secret"])


@pytest.mark.parametrize(
    "changed",
    [{"name": ""}, {"name": "x" * 101}, {"expiresAt": "2026-01-01T00:00:00Z"}, {"permissions": ["ACCESS"] * 101},
     {"idempotencyKey": ""}],
)  # fmt: skip
async def test_a_malformed_key_is_not_made(api: Harness, changed: dict[str, Any]) -> None:
    assert (await create(await somebody(api), **changed))["code"] == "VALIDATION_FAILED"


async def test_a_mistyped_key_is_refused_without_a_read(api: Harness) -> None:
    secret = new_api_key()
    assert api_key_hash(secret) is not None
    for wrong in (
        secret[:-1],
        secret[:10] + ("a" if secret[10] != "a" else "b") + secret[11:],
        "col_",
        "col_\ud800",
    ):
        assert api_key_hash(wrong) is None
        with pytest.raises(Unauthenticated, match="checksum"):
            await acting(api, wrong)
    with pytest.raises(Unauthenticated, match="unknown"):
        await acting(api, secret)
