"""An account is erased by a fresh signature of one of its wallets, and by nothing less."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eth_account.signers.local import LocalAccount

from colonnade.testing import Harness, ScriptedChains
from tests.plugins.identity.signing import ALICE, BOB, DOMAIN, URI, acting, settings, sign, signed_in
from tests.plugins.identity.signing import chain_of_wallets as chain

PROOF = """mutation($input: RequestWalletProofInput!) { requestWalletProof(input: $input) {
  __typename ... on Challenge { message } ... on UserError { code } } }"""
ERASE = """mutation($input: EraseAccountInput!) { eraseAccount(input: $input) {
  __typename ... on AccountErasureStarted { operation { id name status } } ... on UserError { code message } } }"""


def deployment() -> Harness:
    plugins = ("colonnade.work.plugin", "colonnade.privacy.plugin", "plugins.identity")
    return Harness(*plugins, settings=[settings()], chains=ScriptedChains(chain()))


async def alice(app: Harness, account: LocalAccount = ALICE) -> Harness:
    return await acting(app, (await signed_in(app, account))["accessToken"])


async def proof(api: Harness, purpose: str = "ERASE", wallet: LocalAccount = ALICE) -> str:
    given = {"address": wallet.address, "purpose": purpose, "domain": DOMAIN, "uri": URI}
    message: str = (await api.data(PROOF, {"input": given}))["requestWalletProof"]["message"]
    return message


async def erase(api: Harness, message: str, signer: LocalAccount = ALICE) -> Mapping[str, Any]:
    given = {"message": message, "signature": f"0x{sign(signer, message).hex()}"}
    answer: Mapping[str, Any] = (await api.data(ERASE, {"input": given}))["eraseAccount"]
    return answer


async def test_a_signed_message_that_says_so_begins_the_erasure() -> None:
    api = await alice(deployment())
    message = await proof(api)
    assert "Erase the account usr_" in message

    answer = await erase(api, message)

    assert answer["operation"]["name"] == "account.erase"
    assert answer["operation"]["status"] == "WAITING"


async def test_a_message_for_another_purpose_erases_nothing() -> None:
    api = await alice(deployment())

    assert (await erase(api, await proof(api, "UNLINK")))["code"] == "CHALLENGE_INVALID"


async def test_a_signature_counts_once() -> None:
    api = await alice(deployment())
    message = await proof(api)
    await erase(api, message)

    assert (await erase(api, message))["code"] == "CHALLENGE_INVALID"
    assert (await erase(api, await proof(api)))["code"] == "ERASURE_UNDER_WAY"


async def test_somebody_elses_signature_erases_nothing() -> None:
    app = deployment()
    api, bob = await alice(app), await alice(app, BOB)

    assert (await erase(api, await proof(api), BOB))["code"] == "WALLET_SIGNATURE_INVALID"
    assert (await erase(bob, await proof(bob, wallet=ALICE)))["code"] == "WALLET_NOT_LINKED"
