"""A contract is its owner's on one chain: what stands at its address on another chain may be anybody's."""

from __future__ import annotations

from typing import Any

import pytest

from colonnade.chains import Call, ChainId
from colonnade.signatures import CHECK, VALIDATOR_ADDRESS
from colonnade.testing import Harness, ScriptedChain, ScriptedChains
from tests.plugins.identity.signing import (
    ALICE,
    BOB,
    CONTRACT_WALLET,
    CONTRACTS_SIGNATURE,
    DOMAIN,
    URI,
    SignedIn,
    acting,
    chain_of_wallets,
    challenge,
    send,
    settings,
    sign,
    signed_in,
)

FORGED = b"\x02" * 90
"""What the attacker's contract, at the victim's address on the other chain, takes for a signature."""

PROOF = """mutation($input: RequestWalletProofInput!) { requestWalletProof(input: $input) {
  ... on Challenge { message } } }"""
UNLINK = """mutation($input: UnlinkWalletInput!) { unlinkWallet(input: $input) {
  __typename ... on MessageRefused { fault } } }"""


@pytest.fixture
def api() -> Harness:
    elsewhere = ScriptedChain(ChainId(10))
    wallets = chain_of_wallets()

    def validate(call: Call) -> bytes:
        signer, _, signature = CHECK.decode_arguments(call.data)
        if signer == CONTRACT_WALLET:
            return b"\2" if signature == FORGED else b"\0"
        return b"\2" if signer == BOB.address else b"\1"

    elsewhere.answer(VALIDATOR_ADDRESS, CHECK.selector, validate)
    return Harness(
        "plugins.identity",
        settings=[settings(chains=(8453, 10))],
        chains=ScriptedChains(wallets, elsewhere),
    )


async def enter(api: Harness, chain_id: int, signature: bytes) -> Any:
    message = (await challenge(api, CONTRACT_WALLET, chainId=chain_id))["message"]
    return await send(api, message, signature)


async def test_a_contract_at_the_same_address_of_another_chain_does_not_enter(api: Harness) -> None:
    assert (await enter(api, 8453, CONTRACTS_SIGNATURE))["__typename"] == "SessionTokens"
    refused = await enter(api, 10, FORGED)
    assert (refused["__typename"], refused.get("fault")) == ("MessageRefused", "WRONG_CHAIN")
    assert (await enter(api, 8453, CONTRACTS_SIGNATURE))["__typename"] == "SessionTokens"


async def test_nor_does_the_owner_enter_the_account_of_who_was_there_first_on_another_chain(
    api: Harness,
) -> None:
    assert (await enter(api, 10, FORGED))["__typename"] == "SessionTokens"
    assert (await enter(api, 8453, CONTRACTS_SIGNATURE))["__typename"] == "MessageRefused"


async def test_a_contract_of_another_chain_unlinks_nothing(api: Harness) -> None:
    tokens = await enter(api, 8453, CONTRACTS_SIGNATURE)
    who = SignedIn(await acting(api, tokens["accessToken"]), tokens["user"]["id"], tokens)
    given = {"address": CONTRACT_WALLET, "purpose": "UNLINK", "domain": DOMAIN, "uri": URI, "chainId": 10}
    message = (await who.api.data(PROOF, {"input": given}))["requestWalletProof"]["message"]
    proof = {"message": message, "signature": f"0x{FORGED.hex()}"}
    answered = (await who.api.data(UNLINK, {"input": proof}))["unlinkWallet"]
    assert answered == {"__typename": "MessageRefused", "fault": "WRONG_CHAIN"}


async def test_a_key_is_the_same_on_every_chain(api: Harness) -> None:
    here = await signed_in(api)
    message = (await challenge(api, ALICE.address, chainId=10))["message"]
    there = await send(api, message, sign(ALICE, message))
    assert there["user"] == here["user"]


async def test_a_key_that_delegates_to_a_contract_on_one_chain_is_still_itself(api: Harness) -> None:
    here = await signed_in(api, BOB)
    message = (await challenge(api, BOB.address, chainId=10))["message"]
    there = await send(api, message, sign(BOB, message))
    assert there["user"] == here["user"]
