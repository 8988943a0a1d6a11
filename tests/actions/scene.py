"""A scripted chain, a user, a shop, and actions between them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from colonnade.actions import Action, ActionDraft, Actions, Effect, PreparedCall, SendCalls, StepDraft
from colonnade.actions.storage import ACTION, action_of
from colonnade.actions.transfers import TRANSFER as TRANSFER_TOPIC
from colonnade.chains import BASE, ChainId
from colonnade.context import Context
from colonnade.core_events import ChainHeadMoved
from colonnade.events import Published
from colonnade.evm import Address, address_bytes, checksum, encode
from colonnade.evm.bundles import BEFORE_EXECUTION, USER_OPERATION_EVENT
from colonnade.permissions import Principal
from colonnade.store import Store, Value
from colonnade.testing import FrozenClock, Harness, ScriptedChain, ScriptedChains
from colonnade.testing.scripted_chain import Emitted
from tests.actions import paying
from tests.actions.paying import transfer_call


def account(number: int) -> Address:
    return checksum(number.to_bytes(20, "big"))


ADA, BOB, SHOP, TOKEN, RELAYER = (account(n) for n in range(0xA1, 0xA6))
ENTRY_POINT = Address("0x0000000071727De22E5E9d8BAf0edAc6f37da032")
AMOUNT = 5_000_000

CONFIRM = """mutation ($input: ConfirmActionInput!) { confirmAction(input: $input) {
  __typename
  ... on PreparedAction { status revision failure { code message retryable } steps { status } }
  ... on UserError { code message retryable path }
  ... on ProofRejected { reason }
  ... on ActionClosed { status }
} }"""
CANCEL = """mutation ($id: ID!) { cancelAction(input: {actionId: $id}) {
  __typename
  ... on PreparedAction { status steps { status } }
  ... on UserError { code message }
  ... on ActionClosed { status }
} }"""
ACTION_QUERY = """query ($id: ID!) { action(id: $id) {
  id kind account chainId status revision expiresAt
  steps { __typename index title status
    ... on SendCallsStep { calls { to data value } atomicRequired capabilities }
    ... on SignTypedDataStep { typedData }
    ... on SignMessageStep { message }
    ... on SignBytesStep { data } }
  effects { account tokenAddress minimum maximum simulated }
  warnings { code message }
  failure { code message retryable }
} }"""


def transferred(sender: str, to: str, amount: int, *, token: str = TOKEN) -> Emitted:
    """The log of an ERC-20's `Transfer`."""
    topics = (
        TRANSFER_TOPIC,
        bytes(12) + address_bytes(Address(sender)),
        bytes(12) + address_bytes(Address(to)),
    )
    return Emitted(Address(token), topics, amount.to_bytes(32, "big"))


def operation_ended(
    hash_: bytes,
    sender: str,
    *,
    succeeded: bool = True,
    entry_point: str = ENTRY_POINT,
    paymaster: str | None = None,
) -> Emitted:
    """The log of an EntryPoint's `UserOperationEvent`."""
    pays = bytes(32) if paymaster is None else bytes(12) + address_bytes(Address(paymaster))
    topics = (USER_OPERATION_EVENT.topic, hash_, bytes(12) + address_bytes(Address(sender)), pays)
    data = encode(["uint256", "bool", "uint256", "uint256"], [0, succeeded, 1, 1])
    return Emitted(Address(entry_point), topics, data)


def bundle(*logs: Emitted, entry_point: str = ENTRY_POINT) -> list[Emitted]:
    """The logs of a bundle's transaction."""
    return [Emitted(Address(entry_point), (BEFORE_EXECUTION.topic,)), *logs]


@dataclass
class Scene:
    """Ada, who owes the shop `AMOUNT` of a token, on a chain where a test decides what happens."""

    chain: ScriptedChain = field(default_factory=ScriptedChain)
    other_chain: ScriptedChain = field(default_factory=lambda: ScriptedChain(ChainId(10)))
    clock: FrozenClock = field(default_factory=FrozenClock)
    store: Store | None = None
    services: dict[Callable[..., object], object] = field(default_factory=dict)
    settings: Sequence[object] = ()

    def __post_init__(self) -> None:
        for chain in (self.chain, self.other_chain):
            chain.mine(3)
        self.clock.advance(self.chain.block.timestamp - self.clock.now())
        self.harness = Harness(
            "colonnade.actions.plugin",
            paying,
            principal=Principal("ada"),
            chains=ScriptedChains(self.chain, self.other_chain),
            clock=self.clock,
            store=self.store,
            services=self.services,
            settings=self.settings,
        )

    def context(self) -> Context:
        return self.harness.context()

    def draft(
        self,
        *,
        kind: str = "PAYMENT",
        steps: Sequence[StepDraft] | None = None,
        effects: Sequence[Effect] | None = None,
        sender: Address = ADA,
        amount: int = AMOUNT,
        lasts: timedelta = timedelta(minutes=10),
        **details: Value,
    ) -> ActionDraft:
        pay = SendCalls("Pay", (transfer_call(TOKEN, SHOP, amount),))
        return ActionDraft(
            kind=kind,
            account=sender,
            chain_id=BASE,
            steps=tuple(steps or [pay]),
            expires_at=self.clock.now() + lasts,
            effects=(Effect(sender, TOKEN, -amount, -amount),) if effects is None else tuple(effects),
            details={"shop": SHOP, "token": TOKEN, "amount": amount, **details},
        )

    async def prepare(self, draft: ActionDraft | None = None, **changes: Any) -> Action:
        context = self.context()
        actions = context.services.get(Actions)
        action, writes = await actions.prepare(context, draft or self.draft(**changes))
        await self.harness.store.transact(writes)
        return action

    def pay(self, sender: Address = ADA, *, logs: Sequence[Emitted] | None = None, **kw: Any) -> bytes:
        """Have a transfer to the shop wait for the next block."""
        call = transfer_call(TOKEN, SHOP, AMOUNT)
        emitted = [transferred(sender, SHOP, AMOUNT)] if logs is None else logs
        return self.chain.submit(sender, call.to, call.data, logs=emitted, **kw)

    async def confirm(self, action: Action, step: int = 0, **proof: bytes | str) -> dict[str, Any]:
        """What `confirmAction` answers to a proof: `txHash`, `userOpHash` or `signature`."""
        return await self.confirm_with(action, proof, step)

    async def confirm_with(
        self, action: Action, proof: Mapping[str, bytes | str], step: int = 0
    ) -> dict[str, Any]:
        """What `confirmAction` answers to a proof by its name."""
        told = {k: v if isinstance(v, str) else f"0x{v.hex()}" for k, v in proof.items()}
        calls_id = told.pop("callsId", None)
        given = {"actionId": action.id, "step": step, "proof": told, "callsId": calls_id}
        data = await self.harness.data(CONFIRM, {"input": given})
        answer: dict[str, Any] = data["confirmAction"]
        return answer

    async def cancel(self, action: Action) -> dict[str, Any]:
        answer: dict[str, Any] = (await self.harness.data(CANCEL, {"id": action.id}))["cancelAction"]
        return answer

    async def seen(self, action: Action) -> Any:
        """The action as its owner sees it."""
        return (await self.harness.data(ACTION_QUERY, {"id": action.id}))["action"]

    async def kept(self, action: Action) -> Action:
        """The action as it is kept."""
        item = await self.harness.store.get(ACTION.key(id=action.id))
        assert item is not None
        return action_of(item.attributes)

    async def head(
        self, *, reorganised_from: int | None = None, of: ScriptedChain | None = None
    ) -> ChainHeadMoved:
        """What the watcher records of the chain's head."""
        chain = of or self.chain
        latest, safe, final = await chain.history().heads()
        return ChainHeadMoved(
            chain_id=chain.chain_id,
            number=latest.number,
            hash="0x" + latest.hash.hex(),
            timestamp=int(latest.timestamp.timestamp()),
            safe=safe.number,
            finalized=final.number,
            reorganised_from=reorganised_from,
        )

    async def head_moves(
        self, *, reorganised_from: int | None = None, to: ScriptedChain | None = None
    ) -> None:
        """Tell the follower of the chain's head."""
        moved = await self.head(reorganised_from=reorganised_from, of=to)
        published = Published(
            "evt_1", moved.event_name, moved.own_topic, 1, moved.payload(), self.clock.now()
        )
        [(_, handler)] = self.harness.composition.event_handlers
        context = self.harness.acting_as(None).context()
        writes = await handler.handle(context, moved, published)
        await self.harness.store.transact(writes)

    async def expiry_job(self) -> None:
        [(_, job)] = self.harness.composition.jobs
        await job.run(self.harness.acting_as(None).context(), {})


def one_call(data: bytes = b"\x01\x02\x03\x04", *, to: Address = SHOP, value: int = 0) -> SendCalls:
    return SendCalls("Call", (PreparedCall(to, data, value),))
