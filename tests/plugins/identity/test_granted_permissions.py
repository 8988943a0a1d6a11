"""Permissions of other plugins: held by whom they are granted to, and by the API keys these make."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pytest

import colonnade_applause
from colonnade.chains import BASE
from colonnade.evm import parse_address
from colonnade.store import Store
from colonnade.testing import FrozenClock, Harness, KnownTokens, ScriptedChains
from colonnade.tokens import Token, TokenMetadata, Tokens
from plugins.identity.tokens import access_tokens
from tests.plugins.identity import signing
from tests.plugins.identity.signing import (
    ALICE,
    BOB,
    SignedIn,
    acting,
    chain_of_wallets,
    refreshed,
    settings,
    somebody,
)

USDC: Final = TokenMetadata(
    BASE, parse_address("0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"), "USDC", "USD Coin", 6
)
APPLAUD: Final = """mutation($token: Address!, $key: ID!) {
  sendApplause(input: {token: $token, idempotencyKey: $key}) {
    __typename ... on Applause { givenBy } ... on UserError { code } } }"""
CREATE: Final = """mutation($input: CreateApiKeyInput!) { createApiKey(input: $input) {
  __typename ... on ApiKeyCreated { secret apiKey { id permissions } } ... on UserError { code message } } }"""
KEYS: Final = "{ viewer { permissions apiKeys { edges { node { id permissions } } } } }"


def deployment(*, store: Store | None = None, clock: FrozenClock | None = None, **given: Any) -> Harness:
    """Identity and applause."""
    return Harness(
        "plugins.identity",
        colonnade_applause,
        stand_ins=[Token.of(USDC)],
        services={Tokens: KnownTokens(USDC)},
        settings=[settings(**given)],
        chains=ScriptedChains(chain_of_wallets()),
        store=store,
        clock=clock,
    )


async def applaud(api: Harness, key: str = "1") -> str:
    """How the applause of a caller ends: its type, a refusal's code, or the code of an error."""
    result = await api.execute(APPLAUD, {"token": USDC.address, "key": key})
    if result.errors:
        return str(result.errors[0].code)
    return str(result.data["sendApplause"].get("code") or result.data["sendApplause"]["__typename"])


async def create(who: SignedIn, *permissions: str) -> Mapping[str, Any]:
    given = {"name": "bot", "permissions": permissions, "idempotencyKey": ",".join(permissions) or "none"}
    answer: Mapping[str, Any] = (await who.api.data(CREATE, {"input": given}))["createApiKey"]
    return answer


async def key_of(who: SignedIn, api: Harness, *permissions: str) -> Harness:
    return await acting(api, (await create(who, *permissions))["secret"])


@pytest.fixture
def open_to_all() -> Harness:
    return deployment(access="open")


async def test_whoever_has_access_applauds(open_to_all: Harness) -> None:
    alice = await somebody(open_to_all)
    assert await applaud(alice.api) == "Applause"
    assert (await alice.api.data("{ viewer { permissions } }"))["viewer"] == {
        "permissions": ["ACCESS", "APPLAUD"]
    }


async def test_whoever_has_no_access_does_not() -> None:
    api = deployment(admin_addresses=(ALICE.address,))
    assert await applaud((await somebody(api, BOB)).api) == "FORBIDDEN"
    assert await applaud((await somebody(api, ALICE)).api) == "Applause"
    assert await applaud(api) == "UNAUTHENTICATED"


async def test_access_brings_it_with_the_next_access_token(open_to_all: Harness) -> None:
    closed = deployment(store=open_to_all.store, clock=open_to_all.clock)
    bob = await somebody(closed, BOB)
    assert await applaud(bob.api) == "FORBIDDEN"
    renewed = await refreshed(open_to_all, bob.tokens["refreshToken"])
    assert await applaud(await acting(open_to_all, renewed["accessToken"])) == "Applause"


async def test_an_api_key_applauds_only_if_it_was_made_for_it(open_to_all: Harness) -> None:
    alice = await somebody(open_to_all)
    assert await applaud(await key_of(alice, open_to_all, "APPLAUD")) == "Applause"
    assert await applaud(await key_of(alice, open_to_all, "ACCESS")) == "FORBIDDEN"
    assert await applaud(await key_of(alice, open_to_all)) == "FORBIDDEN"


async def test_nobody_makes_a_key_for_what_they_do_not_hold() -> None:
    api = deployment()
    refused = await create(await somebody(api, BOB), "APPLAUD")
    assert (refused["code"], refused["message"]) == ("PERMISSION_NOT_HELD", "this key cannot have APPLAUD")


async def test_a_key_loses_the_permission_when_its_maker_loses_access(open_to_all: Harness) -> None:
    secret = (await create(await somebody(open_to_all), "APPLAUD"))["secret"]
    closed = deployment(store=open_to_all.store, clock=open_to_all.clock)
    assert await applaud(await acting(closed, secret)) == "FORBIDDEN"
    assert await applaud(await acting(open_to_all, secret)) == "Applause"


async def test_a_key_outlives_the_plugin_whose_permission_it_has(open_to_all: Harness) -> None:
    """Its permission is then no value of the enum, and must not take the list of keys with it."""
    alice = await somebody(open_to_all)
    made = await create(alice, "ACCESS", "APPLAUD")
    assert made["apiKey"]["permissions"] == ["ACCESS", "APPLAUD"]
    without = signing.harness(store=open_to_all.store, clock=open_to_all.clock, access="open")
    for credential in (alice.tokens["accessToken"], made["secret"]):
        caller = await acting(without, credential)
        held = await caller.data("{ viewer { permissions } }")
        assert held == {"viewer": {"permissions": ["ACCESS"]}}
    (edge,) = (await (await acting(without, alice.tokens["accessToken"])).data(KEYS))["viewer"]["apiKeys"][
        "edges"
    ]
    assert edge["node"] == {"id": made["apiKey"]["id"], "permissions": ["ACCESS"]}


async def test_an_access_token_does_not_grow_with_the_plugins(open_to_all: Harness) -> None:
    token = (await somebody(open_to_all)).tokens["accessToken"]
    claims = access_tokens.verify(settings(), token, open_to_all.clock.now())
    assert claims.permissions == {"ACCESS"}
