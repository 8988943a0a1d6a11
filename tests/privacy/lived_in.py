"""An account with rows of everything that is kept, and every word by which a row could still say whose it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from eth_account.signers.local import LocalAccount

from colonnade.accounts import Accounts
from colonnade.actions import ActionDraft, Actions, Effect, PreparedCall, SendCalls
from colonnade.actions.records import Action, ActionState, Sent, StepProgress, StepState
from colonnade.actions.storage import CLAIM, put_action
from colonnade.chains import BASE
from colonnade.core_events import OperationValue
from colonnade.evm import Address
from colonnade.permissions import Principal
from colonnade.store import Put, Store, Writes
from colonnade.subscriptions.groups import principal_row
from colonnade.subscriptions.rows import CONNECTION, SUBSCRIPTION
from colonnade.testing import FrozenClock, Harness, ScriptedChains
from colonnade.webhooks.deliveries import Delivery, message_id
from colonnade.webhooks.deliveries import attributes_of as delivery_row
from colonnade.webhooks.endpoints import Endpoint
from colonnade.webhooks.endpoints import attributes_of as endpoint_row
from colonnade.webhooks.rows import DELIVERY, ENDPOINT, FORMER, OWNER
from colonnade.webhooks.signing import SecretName
from colonnade.webhooks.states import EndpointState
from colonnade.work.tasks import Task
from plugins.identity.entities import INVITATION, WAITLIST_ENTRY
from plugins.trading.indexing.swap_rows import SWAP
from tests.plugins.identity.signing import (
    ALICE,
    acting,
    chain_of_wallets,
    principal,
    settings,
    signed_in,
)

PLUGINS: Final = (
    "colonnade.actions.plugin",
    "colonnade.work.plugin",
    "colonnade.webhooks.plugin",
    "colonnade.privacy.plugin",
    "plugins.identity",
    "plugins.trading",
)
TOKEN: Final = Address("0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913")
SHOP: Final = Address("0x00000000000000000000000000000000000000B1")
CREATE_KEY: Final = """mutation($input: CreateApiKeyInput!) { createApiKey(input: $input) {
  __typename ... on ApiKeyCreated { apiKey { id } } ... on UserError { message } } }"""


def application(store: Store, clock: FrozenClock | None = None) -> Harness:
    """Everything that ships, on a store."""
    chain = chain_of_wallets()
    clock = clock or FrozenClock()
    clock.advance(max(timedelta(), chain.block.timestamp - clock.now()))
    return Harness(*PLUGINS, settings=[settings()], chains=ScriptedChains(chain), store=store, clock=clock)


@dataclass(frozen=True, slots=True)
class LivedIn:
    """`api`: as the account meets it; `tokens`: of its session; `words`: what names it, in any spelling."""

    api: Harness
    user: str
    address: Address
    tokens: Mapping[str, Any]
    principal: Principal
    actions: tuple[str, ...]
    key: str
    operation: str
    endpoint: str
    delivery: str
    words: frozenset[str]

    def context(self) -> Any:
        """A context in which the account asks."""
        return self.api.context()


async def live_in(app: Harness, wallet: LocalAccount = ALICE) -> LivedIn:
    """Sign somebody in, and let them do everything that leaves a row."""
    tokens = await signed_in(app, wallet)
    api = await acting(app, tokens["accessToken"])
    who = await principal(app, tokens["accessToken"])
    user, address = who.id, Address(wallet.address)
    made = await api.data(
        CREATE_KEY, {"input": {"name": "robot", "permissions": [], "idempotencyKey": "first"}}
    )
    key = made["createApiKey"]["apiKey"]["id"]
    waiting = await prepared(api, address)
    moved = await _confirmed(api, address)
    operation, delivery = await _rows(api, who, address)
    await api.settle()
    bare = address.removeprefix("0x")
    spelled = {address, address.lower(), bare, bare.lower(), bare.upper(), address.upper()}
    words = {
        delivery.endpoint,
        user,
        user.removeprefix("usr_"),
        tokens["sessionId"],
        key,
        waiting.id,
        moved.id,
        *spelled,
    }
    return LivedIn(
        api,
        user,
        address,
        tokens,
        who,
        (waiting.id, moved.id),
        key,
        operation,
        delivery.endpoint,
        delivery.id,
        frozenset(words),
    )


async def prepared(api: Harness, address: Address) -> Action:
    """An action that waits for the account to sign."""
    context = api.context()
    kind = api.composition.action_kinds[0][1].name
    draft = ActionDraft(
        kind=kind,
        account=address,
        chain_id=BASE,
        steps=(SendCalls("Pay", (PreparedCall(SHOP, bytes(4)),)),),
        expires_at=context.clock.now() + timedelta(minutes=10),
        effects=(Effect(address, TOKEN, -5, -5),),
        details={"account": address},
    )
    action, writes = await context.services.get(Actions).prepare(context, draft)
    await context.store.transact(writes)
    return action


async def _confirmed(api: Harness, address: Address) -> Action:
    context = api.context()
    before = await prepared(api, address)
    sent = Sent(context.clock.now(), bytes(31) + b"\7", None, address, 3)
    after = replace(
        before,
        status=ActionState.FINALIZED,
        version=2,
        progress=(StepProgress(StepState.DONE, sent),),
    )
    value = OperationValue(
        action_id=after.id,
        action_kind=after.kind,
        principal=after.owner,
        chain_id=8453,
        token=TOKEN,
        amount="5",
        revision=0,
    )
    claim = CLAIM.put({"proof": f"8453:tx:0x07:{address}", "action_id": after.id, "step": 0})
    await context.store.transact(Writes([put_action(after), claim, context.record(value)]))
    return after


async def _rows(api: Harness, who: Principal, address: Address) -> tuple[str, Delivery]:
    """What takes others than the account to make: a connection, an endpoint with a delivery, a swap, a place."""
    context = api.context()
    soon = int((context.clock.now() + timedelta(days=3)).timestamp())
    connected = {"connection": f"conn-{who.id}", "state": "acknowledged", "principal": principal_row(who)}
    follows = {"connection": f"conn-{who.id}", "id": "1", "topics": [], "group": "g", "nonce": "n"}
    now = context.clock.now()
    endpoint = Endpoint(
        id=context.ids.new("whe"),
        owner=who.id,
        url="https://ada.example",
        description="",
        types=(),
        state=EndpointState.ENABLED,
        created_at=now,
        secret=SecretName(1, "k"),
    )
    deleted = context.ids.new("whe")
    message = message_id(who.id, "t", now)
    delivery = Delivery(endpoint.id, message, who.id, "t", who.id, now, soon)
    waiting: dict[str, Any] = {
        "user": who.id,
        "position": 7,
        "waiting": "waiting",
        "note": "me",
        "joined_at": 1,
        "approved_at": None,
    }
    swap: dict[str, Any] = {"chain_id": 8453, "account": address, "block_number": 9, "log_index": 1}
    operation, exporting = context.services.get(Accounts).exporting(context, who.id, "before")
    await context.store.transact(
        Writes(
            [
                CONNECTION.put({**connected, "credential": who.credential}, expires_at=soon),
                SUBSCRIPTION.put(follows, expires_at=soon),
                ENDPOINT.put(endpoint_row(endpoint)),
                OWNER.put({"owner": who.id, "endpoints": 1}),
                DELIVERY.put(delivery_row(delivery), expires_at=soon),
                FORMER.put({"owner": who.id, "id": deleted}, expires_at=soon),
                DELIVERY.put(delivery_row(replace(delivery, endpoint=deleted)), expires_at=soon),
                context.later("privacy.export", {"for": who.id}, at=now + timedelta(days=300)),
                _dead_letter(context.ids.new("task"), who.id, now),
                WAITLIST_ENTRY.put(waiting),
                INVITATION.put(
                    {"hash": who.id[-4:] * 16, "id": f"inv-{who.id}", "inviter": who.id}, expires_at=soon
                ),
                SWAP.put(swap),
            ]
        )
        + exporting
    )
    return operation.id, delivery


def _dead_letter(task: str, account: str, now: datetime) -> Put:
    """Something that the account asked for and that was given up."""
    at = int(now.timestamp())
    asked = Task(
        task, "privacy.export", {"for": account}, None, at, None, at, account, dead_at=at, reason="poison"
    )
    return asked.put()
