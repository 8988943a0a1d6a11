"""Applause is counted once, within the day's limit, for tokens that exist."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

import colonnade_applause
from colonnade.chains import BASE, ChainReader
from colonnade.evm import Address, parse_address
from colonnade.permissions import Principal
from colonnade.testing import Harness, KnownTokens, ScriptedChain, ScriptedChains
from colonnade.tokens import Token, TokenMetadata, Tokens, token_id

USDC = parse_address("0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913")

SEND = """
mutation Send($input: SendApplauseInput!) {
  sendApplause(input: $input) {
    __typename
    ... on Applause { id emoji givenBy givenAt token { symbol } }
    ... on UserError { code message path retryable retryAfterMs }
  }
}
"""
COUNT = "query Count($id: ID!) { node(id: $id) { ... on Token { applauseCount } } }"


async def send(harness: Harness, key: str, **fields: object) -> Any:
    data = await harness.data(SEND, {"input": {"token": USDC, "idempotencyKey": key, **fields}})
    return data["sendApplause"]


async def count(harness: Harness) -> int:
    return int((await harness.data(COUNT, {"id": token_id(BASE, USDC)}))["node"]["applauseCount"])


async def test_applause_is_recorded_with_its_giver_and_its_time(harness: Harness) -> None:
    applause = await send(harness, "first", emoji="🎉")

    assert applause == {
        "__typename": "Applause",
        "id": "apl_01KDVDNA000000000000000002",
        "emoji": "🎉",
        "givenBy": "ada",
        "givenAt": "2026-01-01T00:00:00Z",
        "token": {"symbol": "USDC"},
    }
    assert await count(harness) == 1


async def test_a_request_that_is_sent_again_counts_once_and_gets_the_same_answer(harness: Harness) -> None:
    first = await send(harness, "key")
    harness.clock.advance(3_600)

    assert await send(harness, "key") == first
    assert await count(harness) == 1


async def test_a_request_that_is_being_worked_on_is_not_done_twice(colonnade: type[Harness]) -> None:
    """The tokens of this deployment are slow: while they are looked up, the same request comes again."""

    class SlowTokens(KnownTokens):
        async def metadata(
            self, chain: ChainReader, addresses: Sequence[Address]
        ) -> Mapping[Address, TokenMetadata]:
            if not meanwhile:
                meanwhile.append(None)
                meanwhile[0] = await send(harness, "key")
            return await super().metadata(chain, addresses)

    token = TokenMetadata(BASE, USDC, "USDC", "USD Coin", 6)
    meanwhile: list[Any] = []
    harness = colonnade(
        colonnade_applause,
        stand_ins=[Token.of(token)],
        services={Tokens: SlowTokens(token)},
        chains=ScriptedChains(ScriptedChain()),
        principal=Principal("ada", frozenset({"APPLAUD"})),
    )

    assert (await send(harness, "key"))["__typename"] == "Applause"
    assert (meanwhile[0]["code"], meanwhile[0]["retryable"]) == ("IDEMPOTENCY_IN_PROGRESS", True)
    assert await count(harness) == 1


async def test_a_key_that_is_used_for_other_applause_is_refused(harness: Harness) -> None:
    await send(harness, "key", emoji="🎉")

    refusal = await send(harness, "key", emoji="👏")

    assert refusal["__typename"] == "IdempotencyConflict"
    assert refusal["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert refusal["path"] == ["input", "idempotencyKey"]
    assert await count(harness) == 1


async def test_a_key_of_another_person_is_another_key(harness: Harness) -> None:
    bea = harness.acting_as(Principal("bea", frozenset({"APPLAUD"})))

    assert (await send(harness, "key"))["givenBy"] == "ada"
    assert (await send(bea, "key", emoji="🎉"))["givenBy"] == "bea"


async def test_a_key_is_free_again_after_a_day(harness: Harness) -> None:
    first = await send(harness, "key")
    harness.clock.advance(24 * 3_600)

    assert (await send(harness, "key"))["id"] != first["id"]
    assert await count(harness) == 2


async def test_the_limit_of_a_day_holds_until_midnight(harness: Harness) -> None:
    harness.clock.advance(23 * 3_600)
    for key in ("1", "2", "2", "3"):
        assert (await send(harness, key))["__typename"] == "Applause"

    refusal = await send(harness, "4")

    assert refusal["code"] == "DAILY_LIMIT_REACHED"
    assert (refusal["retryable"], refusal["retryAfterMs"]) == (True, 3_600_000)
    assert await count(harness) == 3
    harness.clock.advance(3_600)
    assert (await send(harness, "4"))["__typename"] == "Applause"


async def test_an_address_without_a_token_is_refused(harness: Harness) -> None:
    refusal = await send(harness, "key", token="0x4200000000000000000000000000000000000007")

    assert (refusal["code"], refusal["path"]) == ("TOKEN_NOT_FOUND", ["input", "token"])


@pytest.mark.parametrize(("caller", "code"), [(None, "UNAUTHENTICATED"), (Principal("eve"), "FORBIDDEN")])
async def test_only_those_who_may_can_applaud(harness: Harness, caller: Principal | None, code: str) -> None:
    variables = {"input": {"token": USDC, "idempotencyKey": "key"}}

    result = await harness.acting_as(caller).execute(SEND, variables)

    assert result.data == {"sendApplause": None}
    assert [error.code for error in result.errors] == [code]
