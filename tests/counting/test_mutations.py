"""What each mutation asks of the database: docs/operations-count.md, held to be true and complete."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from graphql import build_schema

from colonnade.chains import BASE
from colonnade.testing import FrozenClock, Harness
from infra.rpc import ChainSettings, JsonRpcChains
from plugins.trading.networks import NATIVE
from tests.actions.scene import Scene
from tests.counting.ledger import DOCUMENTED, ROOT, Ledger, Make, documented
from tests.fixtures.local_chain import OnChain
from tests.onchain.prepared_swaps import LinkedWallets, swap_harness
from tests.plugins.identity import test_access as access
from tests.plugins.identity import test_api_keys as keys
from tests.plugins.identity.signing import DOMAIN, URI, challenge, harness, sign, signed_in, somebody, wallet
from tests.plugins.identity.test_linked_wallets import proof

NOW = datetime(2041, 1, 1, tzinfo=UTC)


def test_every_mutation_of_the_schema_has_a_figure_and_nothing_else_has_one() -> None:
    mutations = build_schema((ROOT / "schema" / "schema.graphql").read_text()).mutation_type
    assert mutations is not None
    assert list(DOCUMENTED) == list(mutations.fields)


async def test_signing_in(ledger_at: Make) -> None:
    ledger = ledger_at(FrozenClock(NOW))
    api, account = identity(ledger), wallet(0x41_001)
    await ledger.count(api, "requestSignIn", {"address": account.address, "domain": DOMAIN, "uri": URI})
    message = (await challenge(api, account.address))["message"]
    signature = f"0x{sign(account, message).hex()}"
    await ledger.count(api, "signIn", {"message": message, "signature": signature})
    who = await somebody(api, account)
    others = [await signed_in(api, account) for _ in range(2)]
    await ledger.count(api, "refreshSession", {"refreshToken": others[0]["refreshToken"]})
    await ledger.count(who.api, "revokeSession", {"sessionId": others[1]["sessionId"]})
    await ledger.count(who.api, "signOut", {"everywhere": False})
    assert ledger.figures == documented(ledger)


async def test_linking_wallets(ledger_at: Make) -> None:
    ledger = ledger_at(FrozenClock(NOW))
    who, second = await somebody(identity(ledger), wallet(0x41_002)), wallet(0x41_003)
    given = {"address": second.address, "purpose": "LINK", "domain": DOMAIN, "uri": URI}
    await ledger.count(who.api, "requestWalletProof", given)
    for mutation, purpose in (("linkWallet", "LINK"), ("unlinkWallet", "UNLINK")):
        message = await proof(who, second.address, purpose)
        signature = f"0x{sign(second, message).hex()}"
        await ledger.count(who.api, mutation, {"message": message, "signature": signature})
    assert ledger.figures == documented(ledger)


async def test_keys_and_access(ledger_at: Make) -> None:
    ledger = ledger_at(FrozenClock(NOW))
    admin_wallet = wallet(0x41_004)
    api = identity(ledger, admin_addresses=(admin_wallet.address,))
    admin, one, two = [
        await somebody(api, account) for account in (admin_wallet, wallet(0x41_005), wallet(0x41_006))
    ]
    await ledger.count(one.api, "joinWaitlist", {"note": "please"})
    entry = await access.join(two)
    await ledger.count(admin.api, "approveWaitlistEntry", {"entryId": entry["id"]})
    await ledger.count(admin.api, "createInvitation", {"idempotencyKey": "counted"})
    code = (await access.invite(admin.api))["invitationCode"]
    await ledger.count(one.api, "redeemInvitation", {"code": code, "idempotencyKey": "counted"})
    member = await somebody(identity(ledger, access="open"), wallet(0x41_007))
    key = {"name": "bot", "permissions": ["ACCESS"], "idempotencyKey": "counted"}
    await ledger.count(member.api, "createApiKey", key)
    made = await keys.create(member)
    await ledger.count(member.api, "revokeApiKey", {"apiKeyId": made["apiKey"]["id"]})
    assert ledger.figures == documented(ledger)


async def test_actions(ledger_at: Make) -> None:
    ledger = ledger_at(FrozenClock())
    scene = Scene(clock=ledger.clock, store=ledger.store)
    api = ledger.ready(scene.harness)
    confirmed, cancelled = await scene.prepare(), await scene.prepare()
    transaction = scene.pay()
    scene.chain.mine()
    given = {"actionId": confirmed.id, "step": 0, "proof": {"txHash": f"0x{transaction.hex()}"}}
    await ledger.count(api, "confirmAction", given)
    await ledger.count(api, "cancelAction", {"actionId": cancelled.id})
    assert ledger.figures == documented(ledger)


@pytest.mark.onchain
async def test_swaps(local_chain: OnChain, chain_snapshot: None, ledger_at: Make) -> None:
    local_chain.mine()
    chains = JsonRpcChains([ChainSettings(BASE, (local_chain.url,))])
    wallets = LinkedWallets()
    account = local_chain.accounts[2]
    wallets.link(account)
    latest = int(local_chain.rpc("eth_getBlockByNumber", "latest", False)["timestamp"], 16)
    ledger = ledger_at(FrozenClock(datetime.fromtimestamp(latest, UTC)))
    api = ledger.ready(swap_harness(local_chain, chains, wallets, ledger.store))
    order = {"tokenIn": NATIVE, "tokenOut": local_chain["USDC"], "amount": str(10**15)}
    given = {"account": account, "idempotencyKey": api.ids.new("key"), "swap": {"order": order}}
    await ledger.count(api, "prepareSwap", given)
    chains.close()
    assert ledger.figures == documented(ledger)


def identity(ledger: Ledger, **settings: Any) -> Harness:
    return ledger.ready(harness(store=ledger.store, clock=ledger.clock, **settings))
