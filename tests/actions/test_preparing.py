"""Preparing actions: what a client gets, and what a plugin may not ask of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from colonnade.actions import (
    ActionDraft,
    Actions,
    ActionWarning,
    Effect,
    SendCalls,
    SignBytes,
    StepDraft,
    Waiting,
)
from colonnade.actions.action_events import ActionUpdated
from colonnade.actions.settings import ActionsSettings
from colonnade.chains import BASE
from colonnade.context import Context
from colonnade.errors import ServiceUnavailable, Unauthenticated
from colonnade.evm import Address
from colonnade.outbox import OUTBOX
from colonnade.results import Refused
from colonnade.wallets import Wallet, WalletKind, Wallets
from tests.actions.paying import prepare_payment
from tests.actions.scene import ADA, AMOUNT, BOB, SHOP, TOKEN, Scene, one_call


@pytest.fixture
def scene() -> Scene:
    return Scene()


async def test_a_prepared_action_is_what_its_plugin_drafted(scene: Scene) -> None:
    draft = scene.draft()
    tried = (*draft.effects, Effect(SHOP, TOKEN, AMOUNT, simulated=AMOUNT + 1))
    warned = replace(draft, effects=tried, warnings=(ActionWarning("NEW_SHOP", "It is new."),))
    action = await scene.prepare(warned)
    call = draft.steps[0].calls[0]  # type: ignore[union-attr]
    assert await scene.seen(action) == {
        "id": action.id,
        "kind": "PAYMENT",
        "account": ADA,
        "chainId": BASE,
        "status": "AWAITING_USER",
        "revision": 0,
        "expiresAt": draft.expires_at.isoformat().replace("+00:00", "Z"),
        "steps": [
            {
                "__typename": "SendCallsStep",
                "index": 0,
                "title": "Pay",
                "status": "READY",
                "calls": [{"to": TOKEN, "data": "0x" + call.data.hex(), "value": "0"}],
                "atomicRequired": False,
                "capabilities": None,
            }
        ],
        "effects": [
            {
                "account": ADA,
                "tokenAddress": TOKEN,
                "minimum": str(-AMOUNT),
                "maximum": str(-AMOUNT),
                "simulated": None,
            },
            {
                "account": SHOP,
                "tokenAddress": TOKEN,
                "minimum": str(AMOUNT),
                "maximum": None,
                "simulated": str(AMOUNT + 1),
            },
        ],
        "warnings": [{"code": "NEW_SHOP", "message": "It is new."}],
        "failure": None,
    }
    assert action.id.startswith("act_")


async def test_an_action_is_found_as_a_node_by_its_owner_alone(scene: Scene) -> None:
    action = await scene.prepare()
    query = "query ($id: ID!) { node(id: $id) { id __typename } }"
    assert await scene.harness.data(query, {"id": action.id}) == {
        "node": {"id": action.id, "__typename": "PreparedAction"}
    }
    anonymous = scene.harness.acting_as(None)
    assert await anonymous.data(query, {"id": action.id}) == {"node": None}


async def test_a_prepared_action_is_told_of_in_the_same_transaction(scene: Scene) -> None:
    context = scene.context()
    action, writes = await context.services.get(Actions).prepare(context, scene.draft())
    assert len(writes) == 2
    topic = OUTBOX.query(topic=ActionUpdated.topic(action.id))
    assert (await scene.harness.store.query(topic)).items == ()
    await scene.harness.store.transact(writes)
    [row] = (await scene.harness.store.query(topic)).items
    assert ActionUpdated.of(row.attributes["payload"]).status == "AWAITING_USER"  # type: ignore[arg-type]


async def test_details_of_a_kind_are_kept_and_never_shown(scene: Scene) -> None:
    action = await scene.prepare(secret="only for the verifier")
    assert (await scene.kept(action)).details["secret"] == "only for the verifier"
    assert "verifier" not in str(await scene.seen(action))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"steps": [Waiting("Pay")]}, "the first step has nothing to wait for"),
        ({"steps": [SendCalls("Pay", ())]}, "the step 'Pay' has no calls"),
        ({"steps": [one_call(value=2**256)]}, "a value that is no uint256"),
        ({"steps": [one_call(value=-1)]}, "a value that is no uint256"),
        ({"steps": [SignBytes("Sign", b"\x01" * 31)]}, "31 bytes to sign"),
        ({"kind": "NOTE", "steps": [SignBytes("Sign", b"")]}, "0 bytes to sign"),
        ({"kind": "NOTE", "steps": [SignBytes("Sign", bytes(16_385))]}, "16,385 bytes to sign"),
        ({"lasts": timedelta(0)}, "expires_at lies in the future"),
    ],
)
async def test_a_draft_that_no_client_could_carry_out_is_refused(
    scene: Scene, change: dict[str, Any], problem: str
) -> None:
    with pytest.raises(ValueError, match=problem):
        await scene.prepare(**change)


async def test_an_expiry_without_a_zone_is_refused(scene: Scene) -> None:
    draft = scene.draft()
    naive = ActionDraft("PAYMENT", ADA, BASE, draft.steps, datetime(2030, 1, 1))
    with pytest.raises(ValueError, match="time zone"):
        await scene.prepare(naive)
    empty = ActionDraft("PAYMENT", ADA, BASE, (), datetime(2030, 1, 1, tzinfo=UTC))
    with pytest.raises(ValueError, match="at least one step"):
        await scene.prepare(empty)


async def test_a_kind_that_nobody_declares_is_refused(scene: Scene) -> None:
    with pytest.raises(ServiceUnavailable, match="return it from the hook action_kinds"):
        await scene.prepare(kind="UNKNOWN")


async def test_an_action_needs_an_owner(scene: Scene) -> None:
    scene.harness = scene.harness.acting_as(None)
    with pytest.raises(Unauthenticated):
        await scene.prepare()


async def test_only_a_linked_account_is_prepared_for_where_accounts_are_linked() -> None:
    class Linked:
        async def linked(self, context: Context, owner: str) -> list[Wallet]:
            return [Wallet(Address(ADA), WalletKind.EOA, datetime(2026, 1, 1, tzinfo=UTC))]

    scene = Scene(services={Wallets: Linked()})
    assert (await scene.prepare()).account == ADA
    with pytest.raises(Refused) as refused:
        await scene.prepare(sender=BOB)
    assert refused.value.code == "ACCOUNT_NOT_LINKED"


async def test_a_paymaster_is_asked_for_on_the_chain_it_is_for() -> None:
    settings = ActionsSettings(("8453=https://pays.example/8453",), '{"policy": "p1"}')
    scene = Scene(settings=[settings])
    wanted = {"paymasterService": {"url": "https://pays.example/8453", "context": {"policy": "p1"}}}
    assert (await scene.seen(await scene.prepare()))["steps"][0]["capabilities"] == wanted
    elsewhere = Scene(settings=[ActionsSettings(("10=https://pays.example/10",))])
    assert (await elsewhere.seen(await elsewhere.prepare()))["steps"][0]["capabilities"] is None
    plain = Scene(settings=[ActionsSettings(("8453=https://pays.example",))])
    assert (await plain.seen(await plain.prepare()))["steps"][0]["capabilities"] == {
        "paymasterService": {"url": "https://pays.example"}
    }


@pytest.mark.parametrize(
    ("urls", "context"),
    [
        (("pays.example",), ""),
        (("base=https://pays.example",), ""),
        (("8453=ftp://x",), ""),
        ((), "[1]"),
        ((), "{"),
    ],
)
def test_settings_that_make_no_sense_are_refused(urls: tuple[str, ...], context: str) -> None:
    with pytest.raises(ValueError, match="paymaster"):
        ActionsSettings(urls, context)


@pytest.mark.parametrize("amount", [2**255, 10**38, 0])
async def test_amounts_of_any_size_are_kept_exactly(scene: Scene, amount: int) -> None:
    step: StepDraft = one_call(value=amount)
    action = await scene.prepare(kind="CALL", steps=[step], amount=amount % 10**37)
    assert (await scene.kept(action)).steps == (step,)
    assert (await scene.kept(action)).effects == action.effects
    assert (await scene.seen(action))["steps"][0]["calls"][0] == {
        "to": SHOP,
        "data": "0x01020304",
        "value": str(amount),
    }


async def test_a_plugin_prepares_in_one_call(scene: Scene) -> None:
    context = scene.context()
    action, writes = await prepare_payment(context, ADA, SHOP, TOKEN, AMOUNT)
    await context.store.transact(writes)
    transaction = scene.pay()
    scene.chain.mine()
    assert (await scene.confirm(action, txHash=transaction))["status"] == "CONFIRMED"
