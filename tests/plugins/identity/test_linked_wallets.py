"""Linking and unlinking wallets: only by their own signature, and never the last."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from eth_account.signers.local import LocalAccount

from colonnade.testing import Harness
from colonnade.wallets import Wallets
from tests.plugins.identity.signing import (
    ALICE,
    BOB,
    CONTRACT_WALLET,
    CONTRACTS_SIGNATURE,
    DOMAIN,
    URI,
    SignedIn,
    challenge,
    harness,
    send,
    sign,
    signed_in,
    somebody,
    wallet,
)

REQUEST = """mutation($input: RequestWalletProofInput!) { requestWalletProof(input: $input) {
  __typename ... on Challenge { message } ... on UserError { code } } }"""
LINK = """mutation($input: LinkWalletInput!) { linkWallet(input: $input) {
  __typename ... on LinkedWallet { address kind linkedAt } ... on UserError { code }
  ... on MessageRefused { fault } } }"""
UNLINK = """mutation($input: UnlinkWalletInput!) { unlinkWallet(input: $input) {
  __typename ... on WalletUnlinked { address } ... on UserError { code } ... on MessageRefused { fault } } }"""
SECOND = wallet(0x2)


@pytest.fixture
def api() -> Harness:
    return harness()


async def proof(who: SignedIn, address: str, purpose: str) -> str:
    given = {"address": address, "purpose": purpose, "domain": DOMAIN, "uri": URI}
    message: str = (await who.api.data(REQUEST, {"input": given}))["requestWalletProof"]["message"]
    return message


async def answered(who: SignedIn, mutation: str, message: str, signature: bytes) -> Mapping[str, Any]:
    given = {"message": message, "signature": f"0x{signature.hex()}"}
    data = await who.api.data(mutation, {"input": given})
    answer: Mapping[str, Any] = next(iter(data.values()))
    return answer


async def link(who: SignedIn, account: LocalAccount) -> Mapping[str, Any]:
    message = await proof(who, account.address, "LINK")
    return await answered(who, LINK, message, sign(account, message))


async def unlink(who: SignedIn, account: LocalAccount) -> Mapping[str, Any]:
    message = await proof(who, account.address, "UNLINK")
    return await answered(who, UNLINK, message, sign(account, message))


async def test_a_linked_wallet_signs_in_as_the_same_user(api: Harness) -> None:
    alice = await somebody(api)
    api.clock.advance(5)
    linked = await link(alice, SECOND)
    assert linked == {
        "__typename": "LinkedWallet",
        "address": SECOND.address,
        "kind": "EOA",
        "linkedAt": "2026-01-01T00:00:05Z",
    }
    assert (await signed_in(api, SECOND))["user"]["id"] == alice.user


async def test_the_service_gives_wallets_in_the_order_of_linking(api: Harness) -> None:
    alice = await somebody(api)
    api.clock.advance(5)
    message = await proof(alice, CONTRACT_WALLET, "LINK")
    await answered(alice, LINK, message, CONTRACTS_SIGNATURE)
    context = alice.api.context()
    wallets = await context.services.get(Wallets).linked(context, alice.user)
    assert [(w.address, w.kind.name) for w in wallets] == [
        (ALICE.address, "EOA"),
        (CONTRACT_WALLET, "CONTRACT"),
    ]


async def test_an_unlinked_wallet_is_nobodys(api: Harness) -> None:
    alice = await somebody(api)
    await link(alice, SECOND)
    assert await unlink(alice, SECOND) == {"__typename": "WalletUnlinked", "address": SECOND.address}
    assert (await signed_in(api, SECOND))["user"]["id"] != alice.user


async def test_the_last_wallet_stays_whichever_it_is(api: Harness) -> None:
    alice = await somebody(api)
    assert (await unlink(alice, ALICE))["code"] == "LAST_WALLET"
    await link(alice, SECOND)
    assert (await unlink(alice, ALICE))["__typename"] == "WalletUnlinked"
    assert (await unlink(alice, SECOND))["code"] == "LAST_WALLET"


async def test_a_wallet_belongs_to_one_user_at_a_time(api: Harness) -> None:
    alice, bob = await somebody(api), await somebody(api, BOB)
    assert (await link(alice, BOB))["code"] == "WALLET_TAKEN"
    assert (await link(alice, ALICE))["code"] == "WALLET_TAKEN"
    assert (await unlink(bob, ALICE))["code"] == "WALLET_NOT_LINKED"


async def test_linking_needs_the_signature_of_the_wallet_itself(api: Harness) -> None:
    alice = await somebody(api)
    message = await proof(alice, SECOND.address, "LINK")
    assert (await answered(alice, LINK, message, sign(ALICE, message)))["code"] == "WALLET_SIGNATURE_INVALID"


async def test_a_proof_is_good_once(api: Harness) -> None:
    alice = await somebody(api)
    message = await proof(alice, SECOND.address, "LINK")
    await answered(alice, LINK, message, sign(SECOND, message))
    await unlink(alice, SECOND)
    assert (await answered(alice, LINK, message, sign(SECOND, message)))["code"] == "CHALLENGE_INVALID"


async def test_a_proof_is_good_for_its_own_purpose_and_user(api: Harness) -> None:
    alice, bob = await somebody(api), await somebody(api, BOB)
    message = await proof(alice, SECOND.address, "LINK")
    signature = sign(SECOND, message)
    assert (await answered(bob, LINK, message, signature))["code"] == "CHALLENGE_INVALID"
    assert (await answered(alice, UNLINK, message, signature))["code"] == "CHALLENGE_INVALID"
    assert (await send(api, message, signature))["code"] == "CHALLENGE_INVALID"
    entering = (await challenge(api, SECOND.address))["message"]
    assert (await answered(alice, LINK, entering, sign(SECOND, entering)))["code"] == "CHALLENGE_INVALID"


async def test_a_message_that_hides_that_it_links_is_refused(api: Harness) -> None:
    """Else somebody could be led to link a wallet to a stranger's account by what looks like a sign-in."""
    alice = await somebody(api)
    message = await proof(alice, SECOND.address, "LINK")
    harmless = message.replace(message.split("\n")[3], "Sign in.")
    answer = await answered(alice, LINK, harmless, sign(SECOND, harmless))
    assert (answer["code"], answer["fault"]) == ("MESSAGE_REFUSED", "CHANGED")


async def test_wallets_of_a_user_are_bounded(api: Harness) -> None:
    alice = await somebody(api)
    for number in range(100, 119):
        assert (await link(alice, wallet(number)))["__typename"] == "LinkedWallet"
    assert (await link(alice, wallet(119)))["code"] == "TOO_MANY_WALLETS"


async def test_linking_needs_a_session(api: Harness) -> None:
    given = {"address": SECOND.address, "purpose": "LINK", "domain": DOMAIN, "uri": URI}
    result = await api.execute(REQUEST, {"input": given})
    assert [error.code for error in result.errors] == ["UNAUTHENTICATED"]


async def test_a_session_that_has_ended_links_no_wallet(api: Harness) -> None:
    """Else whoever stole an access token could link a wallet, and enter with it from then on."""
    alice = await somebody(api)
    message = await proof(alice, SECOND.address, "LINK")
    await alice.api.data("mutation { signOut(input: {everywhere: true}) { __typename } }")
    given = {"message": message, "signature": f"0x{sign(SECOND, message).hex()}"}
    result = await alice.api.execute(LINK, {"input": given})
    assert [error.code for error in result.errors] == ["UNAUTHENTICATED"]
    assert (await signed_in(api, SECOND))["user"]["id"] != alice.user
