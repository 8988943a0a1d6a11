"""Actions of real wallets on the local Base: carried out, attacked, reorganised."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from colonnade.actions import Action, ActionDraft, Actions, Effect, PreparedCall, SendCalls, SignTypedData
from colonnade.actions.following import follow
from colonnade.chains import BASE
from colonnade.core_events import ChainHeadMoved
from colonnade.events import Published
from colonnade.evm import Address
from colonnade.permissions import Principal
from colonnade.testing import FrozenClock, Harness
from infra.local.chain import Node
from infra.rpc import ChainSettings, JsonRpcChains
from tests.actions import paying
from tests.actions.paying import transfer_call
from tests.actions.scene import CONFIRM
from tests.fixtures.local_chain import OnChain
from tests.wallets.bundler import Bundler
from tests.wallets.eoa import EoaWallet
from tests.wallets.kinds import KINDS
from tests.wallets.passkey_wallet import ENTRY_POINT, PasskeyWallet
from tests.wallets.wallet import Wallet

pytestmark = [pytest.mark.onchain, pytest.mark.usefixtures("chain_snapshot")]

AMOUNT = 5_000_000


class Till:
    """A shop's till: actions that pay it in USDC, on the local chain."""

    def __init__(self, chain: OnChain, chains: JsonRpcChains) -> None:
        self.chain, self.chains = chain, chains
        self.usdc, self.shop = chain["USDC"], chain.accounts[9]
        now = datetime.fromtimestamp(int(self._latest()["timestamp"], 16), UTC)
        self.harness = Harness(
            "colonnade.actions.plugin",
            paying,
            chains=chains,
            principal=Principal("ada"),
            clock=FrozenClock(now),
        )

    def _latest(self) -> Any:
        return self.chain.rpc("eth_getBlockByNumber", "latest", False)

    @property
    def payment(self) -> PreparedCall:
        return transfer_call(self.usdc, self.shop, AMOUNT)

    def give_usdc(self, account: Address, amount: int = AMOUNT) -> None:
        transfer = "function transfer(address to, uint256 amount) returns (bool)"
        self.chain.send(self.chain.accounts[0], self.usdc, transfer, account, amount)

    async def prepare(self, account: Address, *steps: SendCalls | SignTypedData) -> Action:
        context = self.harness.context()
        draft = ActionDraft(
            kind="PAYMENT",
            account=account,
            chain_id=BASE,
            steps=steps or (SendCalls("Pay", (self.payment,)),),
            expires_at=self.harness.clock.now() + timedelta(hours=1),
            effects=(Effect(account, self.usdc, -AMOUNT, -AMOUNT), Effect(self.shop, self.usdc, AMOUNT)),
            details={"shop": self.shop, "token": self.usdc, "amount": AMOUNT},
        )
        action, writes = await context.services.get(Actions).prepare(context, draft)
        await self.harness.store.transact(writes)
        return action

    async def confirm(self, action: Action, step: int = 0, **proof: str) -> Any:
        given = {"actionId": action.id, "step": step, "proof": proof}
        return (await self.harness.data(CONFIRM, {"input": given}))["confirmAction"]

    async def head_moves(self, reorganised_from: int | None = None) -> None:
        latest, safe, final = await self.chains.history(BASE).heads()
        moved = ChainHeadMoved(
            chain_id=BASE,
            number=latest.number,
            hash=latest.hash.hex(),
            timestamp=int(latest.timestamp.timestamp()),
            safe=safe.number,
            finalized=final.number,
            reorganised_from=reorganised_from,
        )
        published = Published("evt_1", moved.event_name, moved.own_topic, 1, {}, latest.timestamp)
        await follow(self.harness.acting_as(None).context(), moved, published)

    async def status(self, action: Action) -> tuple[str, int]:
        data = await self.harness.data(
            "query ($id: ID!) { action(id: $id) { status revision } }", {"id": action.id}
        )
        return data["action"]["status"], data["action"]["revision"]


@pytest.fixture
async def till(local_chain: OnChain) -> AsyncIterator[Till]:
    chains = JsonRpcChains([ChainSettings(BASE, (local_chain.url,))])
    yield Till(local_chain, chains)
    chains.close()


@pytest.fixture
def node(local_chain: OnChain) -> Node:
    return local_chain.chain.node


@pytest.mark.parametrize("make", KINDS.values(), ids=KINDS)
async def test_every_kind_of_wallet_pays_and_proves_it(
    till: Till, node: Node, make: Callable[[Node], Wallet]
) -> None:
    wallet = make(node)
    till.give_usdc(wallet.address)
    action = await till.prepare(wallet.address)
    sent = wallet.send_calls([till.payment])
    assert sent.succeeded
    assert (await till.confirm(action, txHash=sent.tx_hash))["status"] == "CONFIRMED"
    again = await till.prepare(wallet.address)
    refused = await till.confirm(again, txHash=sent.tx_hash)
    assert refused["reason"] == "BEFORE_THE_ACTION"
    till.chain.mine(100)
    await till.head_moves()
    assert await till.status(action) == ("FINALIZED", 0)


async def test_a_user_operation_is_found_by_its_hash(till: Till, node: Node) -> None:
    wallet = PasskeyWallet.create(node)
    till.give_usdc(wallet.address)
    action = await till.prepare(wallet.address)
    sent = wallet.send_calls([till.payment])
    assert sent.user_op_hash is not None
    assert (await till.confirm(action, userOpHash=sent.user_op_hash))["status"] == "CONFIRMED"


async def test_strangers_in_a_bundle_pay_for_themselves_alone(till: Till, node: Node) -> None:
    bundler = Bundler.create(node)
    idle, paying_one = (PasskeyWallet.create(node, bundler) for _ in range(2))
    for wallet in (idle, paying_one):
        till.give_usdc(wallet.address)
    nothing = PreparedCall(till.shop, b"")
    actions = [await till.prepare(wallet.address) for wallet in (idle, paying_one)]
    operations = [
        idle.signed(idle.operation([nothing])),
        paying_one.signed(paying_one.operation([till.payment])),
    ]
    both = bundler.submit(ENTRY_POINT, operations)
    assert both[0].succeeded
    assert both[1].succeeded
    assert (await till.confirm(actions[0], txHash=both[0].tx_hash))["reason"] == "EFFECTS_NOT_SEEN"
    stolen = await till.confirm(actions[0], userOpHash=both[1].user_op_hash or "")
    assert stolen["reason"] == "NOT_BY_THIS_ACCOUNT"
    assert (await till.confirm(actions[1], txHash=both[1].tx_hash))["status"] == "CONFIRMED"


async def test_an_operation_that_fails_inside_a_good_transaction_has_failed(till: Till, node: Node) -> None:
    wallet = PasskeyWallet.create(node)
    action = await till.prepare(wallet.address)  # it has no USDC
    sent = wallet.send_calls([till.payment])
    assert not sent.succeeded
    answer = await till.confirm(action, txHash=sent.tx_hash)
    assert (answer["status"], answer["failure"]["code"]) == ("FAILED", "REVERTED")


async def test_a_reverted_transaction_says_why(till: Till, node: Node) -> None:
    wallet = EoaWallet.create(node)
    action = await till.prepare(wallet.address)
    sent = wallet.send_calls([till.payment])
    answer = await till.confirm(action, txHash=sent.tx_hash)
    assert answer["failure"]["code"] == "REVERTED"
    assert answer["failure"]["message"].startswith("it reverted: ")


async def test_someone_elses_payment_proves_nothing(till: Till, node: Node) -> None:
    mine, other = EoaWallet.create(node), EoaWallet.create(node)
    till.give_usdc(other.address)
    action = await till.prepare(mine.address)
    sent = other.send_calls([till.payment])
    assert (await till.confirm(action, txHash=sent.tx_hash))["reason"] == "NOT_BY_THIS_ACCOUNT"


async def test_a_real_reorganisation_takes_a_confirmation_back_and_gives_it_again(
    till: Till, node: Node
) -> None:
    wallet = EoaWallet.create(node)
    till.give_usdc(wallet.address)
    action = await till.prepare(wallet.address)
    sent = wallet.send_calls([till.payment])
    till.chain.mine()
    assert (await till.confirm(action, txHash=sent.tx_hash))["status"] == "CONFIRMED"
    height = int(till.chain.rpc("eth_blockNumber"), 16)
    raw = till.chain.rpc("eth_getRawTransactionByHash", sent.tx_hash)
    till.chain.rpc("anvil_reorg", 2, [])
    await till.head_moves(reorganised_from=height - 1)
    assert await till.status(action) == ("SUBMITTED", 1)
    till.chain.rpc("eth_sendRawTransaction", raw)
    till.chain.mine()
    await till.head_moves()
    assert await till.status(action) == ("CONFIRMED", 1)


@pytest.mark.parametrize("make", KINDS.values(), ids=KINDS)
async def test_every_kind_of_wallet_signs_a_step(
    till: Till, node: Node, make: Callable[[Node], Wallet]
) -> None:
    wallet = make(node)
    data = {
        "types": {"Invoice": [{"name": "amount", "type": "uint256"}]},
        "primaryType": "Invoice",
        "domain": {"name": "Shop", "chainId": BASE},
        "message": {"amount": str(AMOUNT)},
    }
    action = await till.prepare(wallet.address, SignTypedData("Invoice", data))
    forged = await till.confirm(action, signature="0x" + EoaWallet.create(node).sign_typed_data(data).hex())
    assert forged["code"] == "SIGNATURE_INVALID"
    signature = "0x" + wallet.sign_typed_data(data).hex()
    assert (await till.confirm(action, signature=signature))["status"] == "FINALIZED"
