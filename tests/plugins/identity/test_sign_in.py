"""Signing in, and every way of doing it that must not work."""

from __future__ import annotations

from typing import Any

import pytest

from colonnade.errors import ChainTimeout
from colonnade.evm import Address
from colonnade.testing import FrozenClock, Harness
from plugins.identity.siwe import format_message, parse_message
from tests.plugins.identity.signing import (
    ALICE,
    BOB,
    CONTRACT_WALLET,
    CONTRACTS_SIGNATURE,
    DOMAIN,
    URI,
    chain_of_wallets,
    challenge,
    harness,
    principal,
    send,
    settings,
    sign,
    signed_in,
    somebody,
)


@pytest.fixture
def api() -> Harness:
    return harness()


async def test_a_wallet_signs_in_and_is_known_by_its_token(api: Harness) -> None:
    tokens = await signed_in(api)
    who = await principal(api, tokens["accessToken"])
    assert who.id == tokens["user"]["id"]
    assert who.id.startswith("usr_")
    assert who.credential == tokens["sessionId"]
    assert who.permissions == frozenset()
    assert tokens["accessTokenExpiresAt"] == "2026-01-01T00:10:00Z"
    assert tokens["refreshTokenExpiresAt"] == "2026-01-31T00:00:00Z"


async def test_the_same_wallet_is_the_same_user_again_and_another_is_another(api: Harness) -> None:
    first, again, other = await signed_in(api), await signed_in(api), await signed_in(api, BOB)
    assert first["user"] == again["user"] != other["user"]
    assert first["sessionId"] != again["sessionId"]


async def test_the_message_is_ready_to_sign(api: Harness) -> None:
    made = await challenge(api, ALICE.address, uri=URI)
    message = parse_message(made["message"])
    assert (message.domain, message.uri, message.chain_id) == (DOMAIN, URI, 8453)
    assert (message.address, message.nonce) == (Address(ALICE.address), made["nonce"])
    assert (message.issued_at, message.expiration_time) == ("2026-01-01T00:00:00Z", "2026-01-01T00:10:00Z")


async def test_a_contract_signs_in_through_the_chain(api: Harness) -> None:
    message = (await challenge(api, CONTRACT_WALLET))["message"]
    tokens = await send(api, message, CONTRACTS_SIGNATURE)
    viewer = api.acting_as(await principal(api, tokens["accessToken"]))
    wallets = (await viewer.data("{ viewer { wallets { address kind } } }"))["viewer"]["wallets"]
    assert wallets == [{"address": CONTRACT_WALLET, "kind": "CONTRACT"}]


async def test_a_client_may_word_its_own_message_around_the_nonce(api: Harness) -> None:
    made = parse_message((await challenge(api, ALICE.address))["message"])
    own = format_message(
        type(made)(
            domain=DOMAIN,
            address=made.address,
            uri="https://app.example/elsewhere",
            chain_id=8453,
            nonce=made.nonce,
            issued_at="2026-01-01T00:00:00.000Z",
            statement="Welcome back!",
        )
    )
    assert (await send(api, own, sign(ALICE, own)))["__typename"] == "SessionTokens"


async def refused(api: Harness, message: str, *, by: Any = ALICE, text: str | None = None) -> tuple[str, Any]:
    """The refusal of `message`, signed as `text` if that is given."""
    answer = await send(api, message, sign(by, text or message))
    return answer["__typename"], answer.get("fault")


async def test_a_replayed_nonce_is_refused(api: Harness) -> None:
    message = (await challenge(api, ALICE.address))["message"]
    assert (await send(api, message, sign(ALICE, message)))["__typename"] == "SessionTokens"
    assert await refused(api, message) == ("ChallengeInvalid", None)


async def test_a_nonce_of_nobodys_is_refused(api: Harness) -> None:
    message = (await challenge(api, ALICE.address))["message"]
    nonce = parse_message(message).nonce
    assert await refused(api, message.replace(nonce, "a" * 32)) == ("ChallengeInvalid", None)


async def test_a_nonce_is_good_for_its_own_address_alone(api: Harness) -> None:
    message = (await challenge(api, ALICE.address))["message"]
    of_bob = message.replace(ALICE.address, BOB.address)
    assert await refused(api, of_bob, by=BOB) == ("ChallengeInvalid", None)
    assert (await send(api, message, sign(ALICE, message)))["__typename"] == "SessionTokens"


@pytest.mark.parametrize(
    ("made_for", "meant_for"), [("app.example", "www.example"), ("Chain ID: 8453", "Chain ID: 10")]
)
async def test_a_nonce_is_good_for_its_own_domain_and_chain_alone(made_for: str, meant_for: str) -> None:
    """Also where both may be signed in to."""
    api = harness(domains=("app.example", "www.example"), chains=(8453, 10))
    message = (await challenge(api, ALICE.address))["message"]
    assert await refused(api, message.replace(made_for, meant_for)) == ("ChallengeInvalid", None)


async def test_an_expired_message_is_refused(api: Harness) -> None:
    message = (await challenge(api, ALICE.address))["message"]
    api.clock.advance(600)
    assert await refused(api, message) == ("MessageRefused", "EXPIRED")


async def test_an_expired_nonce_is_refused_whatever_the_message_says(api: Harness) -> None:
    message = (await challenge(api, ALICE.address))["message"]
    api.clock.advance(600)
    longer = message.replace("Expiration Time: 2026-01-01T00:10:00Z", "Expiration Time: 2026-01-02T00:00:00Z")
    assert await refused(api, longer) == ("ChallengeInvalid", None)


async def test_a_message_of_one_second_before_is_still_good(api: Harness) -> None:
    message = (await challenge(api, ALICE.address))["message"]
    api.clock.advance(599)
    assert (await send(api, message, sign(ALICE, message)))["__typename"] == "SessionTokens"


@pytest.mark.parametrize(
    ("issued", "answer"),
    [("2026-01-01T00:01:00Z", "SessionTokens"), ("2026-01-01T00:01:01Z", "MessageRefused")],
)
async def test_clocks_may_differ_by_a_minute(api: Harness, issued: str, answer: str) -> None:
    message = (await challenge(api, ALICE.address))["message"]
    ahead = message.replace("Issued At: 2026-01-01T00:00:00Z", f"Issued At: {issued}")
    assert (await send(api, ahead, sign(ALICE, ahead)))["__typename"] == answer


async def test_not_before_is_kept(api: Harness) -> None:
    later = (await challenge(api, ALICE.address))["message"] + "\nNot Before: 2026-01-01T00:05:00Z"
    assert await refused(api, later) == ("MessageRefused", "NOT_YET_VALID")
    api.clock.advance(300)
    assert (await send(api, later, sign(ALICE, later)))["__typename"] == "SessionTokens"


async def test_a_tampered_message_is_refused(api: Harness) -> None:
    message = (await challenge(api, ALICE.address))["message"]
    tampered = message.replace("https://app.example/login", "https://app.example/steal")
    assert await refused(api, tampered, text=message) == ("WalletSignatureInvalid", None)


async def test_a_signature_of_another_wallet_is_refused(api: Harness) -> None:
    message = (await challenge(api, ALICE.address))["message"]
    assert await refused(api, message, by=BOB) == ("WalletSignatureInvalid", None)


async def test_a_refused_signature_does_not_use_the_nonce_up(api: Harness) -> None:
    message = (await challenge(api, ALICE.address))["message"]
    await refused(api, message, by=BOB)
    assert (await send(api, message, sign(ALICE, message)))["__typename"] == "SessionTokens"


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("app.example wants", "evil.example wants", "WRONG_DOMAIN"),
        ("app.example wants", "app.example.evil.example wants", "WRONG_DOMAIN"),
        ("app.example wants", "app.example:444 wants", "WRONG_DOMAIN"),
        ("app.example wants", "APP.example wants", "WRONG_DOMAIN"),
        ("app.example wants", "http://app.example wants", "WRONG_DOMAIN"),
        ("https://app.example/login", "https://evil.example/login", "WRONG_URI"),
        ("https://app.example/login", "http://app.example/login", "WRONG_URI"),
        ("https://app.example/login", "urn:app.example:login", "WRONG_URI"),
        ("Chain ID: 8453", "Chain ID: 1", "WRONG_CHAIN"),
        ("app.example wants", "user@app.example wants", "MALFORMED"),
        ("Version: 1", "Version: 2", "MALFORMED"),
        ("\n", "\r\n", "MALFORMED"),
        ("Sign in.", "Sign in.\u202e", "MALFORMED"),
    ],
)
async def test_a_message_for_elsewhere_is_refused(api: Harness, old: str, new: str, fault: str) -> None:
    message = (await challenge(api, ALICE.address))["message"].replace(old, new)
    assert await refused(api, message) == ("MessageRefused", fault)


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"domain": "evil.example"}, "WRONG_DOMAIN"),
        ({"domain": "app.example\nevil"}, "WRONG_DOMAIN"),
        ({"uri": "https://evil.example"}, "WRONG_URI"),
        ({"uri": "https://app.example/\u202e"}, "WRONG_URI"),
        ({"chainId": 1}, "WRONG_CHAIN"),
    ],
)
async def test_no_message_is_made_for_elsewhere(api: Harness, changed: dict[str, Any], fault: str) -> None:
    answer = await challenge(api, ALICE.address, **changed)
    assert (answer["__typename"], answer["fault"]) == ("MessageRefused", fault)


@pytest.mark.parametrize("domain", ["localhost", "localhost:5173", "127.0.0.1:3000", "[::1]:8000"])
async def test_a_developers_machine_may_do_without_https(domain: str) -> None:
    api = harness(domains=("localhost", "localhost:*", "127.0.0.1:*", "[::1]:*"))
    made = await challenge(api, ALICE.address, domain=domain, uri=f"http://{domain}/login")
    tokens = await send(api, made["message"], sign(ALICE, made["message"]))
    assert tokens["__typename"] == "SessionTokens"


@pytest.mark.parametrize(
    "domain",
    ["", "*", ":*", "*.example", "APP.example", "https://app.example", "app.example/", "app.example:8443:*"],
)
def test_a_domain_that_no_message_could_name_is_no_setting(domain: str) -> None:
    with pytest.raises(ValueError, match="no wildcard but that of a port"):
        settings(domains=("app.example", domain))


async def test_messages_for_one_address_are_bounded_in_ten_minutes(api: Harness) -> None:
    few = harness(challenges_per_address=3, clock=FrozenClock())
    few.clock.advance(100)
    for _ in range(3):
        assert (await challenge(few, ALICE.address))["__typename"] == "Challenge"
    answer = await challenge(few, ALICE.address)
    assert (answer["code"], answer["retryable"], answer["retryAfterMs"]) == (
        "TOO_MANY_CHALLENGES",
        True,
        500_000,
    )
    assert (await challenge(few, BOB.address))["__typename"] == "Challenge"
    few.clock.advance(499)
    assert (await challenge(few, ALICE.address))["retryAfterMs"] == 1_000
    few.clock.advance(1)
    assert (await challenge(few, ALICE.address))["__typename"] == "Challenge"


async def test_a_chain_that_does_not_answer_is_no_refusal() -> None:
    chain = chain_of_wallets()
    api = harness(chain)
    message = (await challenge(api, ALICE.address))["message"]
    chain.outage = ChainTimeout("no endpoint answered")
    given = {"message": message, "signature": f"0x{sign(ALICE, message).hex()}"}
    result = await api.execute(
        "mutation($input: SignInInput!) { signIn(input: $input) { __typename } }", {"input": given}
    )
    assert [error.code for error in result.errors] == ["CHAIN_UNAVAILABLE"]
    chain.outage = None
    assert (await send(api, message, sign(ALICE, message)))["__typename"] == "SessionTokens"


async def test_a_sign_in_asks_the_chain_once() -> None:
    chain = chain_of_wallets()
    api = harness(chain)
    message = (await challenge(api, ALICE.address))["message"]
    assert chain.round_trips == 0
    await send(api, message, sign(ALICE, message))
    assert chain.round_trips == 1


async def test_a_label_is_bounded(api: Harness) -> None:
    message = (await challenge(api, ALICE.address))["message"]
    answer = await send(api, message, sign(ALICE, message), label="x" * 101)
    assert answer["code"] == "VALIDATION_FAILED"


async def test_everybody_may_see_that_a_user_exists_and_nobody_their_wallets(api: Harness) -> None:
    alice, bob = await somebody(api), await somebody(api, BOB)
    query = (
        "query($id: ID!) { node(id: $id) { id ... on User { createdAt } } viewer { id wallets { address } } }"
    )
    seen = await bob.api.data(query, {"id": alice.user})
    assert seen["node"] == {"id": alice.user, "createdAt": "2026-01-01T00:00:00Z"}
    assert seen["viewer"] == {"id": bob.user, "wallets": [{"address": BOB.address}]}
    assert Address(ALICE.address) not in str(seen)
