"""Servers of an action's owner are told what becomes of it: the first webhooks of a plugin that ships."""

from __future__ import annotations

import json

import pytest

from colonnade.actions.action_events import ActionUpdated
from colonnade.actions.records import ActionState
from colonnade.outbound import OutboundResponse
from colonnade.permissions import Principal
from colonnade.store import Value, Writes
from colonnade.testing import Harness
from colonnade.testing.scripted_http import ScriptedHttp
from colonnade.webhooks.settings import WebhooksSettings
from tests.webhooks.scene import CREATE, KEYS, URL

OWNER = Principal("usr_ada", frozenset({"MANAGE_WEBHOOKS"}))


def updated(status: str, owner: str = OWNER.id) -> ActionUpdated:
    failed: dict[str, Value] = {"code": "REVERTED", "message": "no", "retryable": False}
    failure = failed if status == "FAILED" else None
    return ActionUpdated(
        action_id="act_1",
        owner=owner,
        kind="SWAP",
        status=status,
        revision=1,
        version=3,
        steps=["DONE"],
        failure=failure,
    )


@pytest.mark.parametrize("status", [state.name for state in ActionState])
async def test_an_owner_is_told_of_each_state_but_the_first(status: str) -> None:
    http = ScriptedHttp()
    http.serve(URL, lambda _: OutboundResponse(204))
    harness = Harness(
        "colonnade.webhooks.plugin",
        "colonnade.actions.plugin",
        principal=OWNER,
        settings=[WebhooksSettings(KEYS)],
        http=http,
    )
    kinds = [f"action.{s.name.lower()}" for s in ActionState if s is not ActionState.AWAITING_USER]
    given = {"url": URL, "eventTypes": kinds, "idempotencyKey": "k"}
    await harness.data(CREATE, {"input": given})
    recorded = [harness.context().record(updated(status, owner)) for owner in (OWNER.id, "usr_bob")]
    await harness.store.transact(Writes(recorded))
    await harness.settle()
    await harness.work()
    told = [json.loads(request.body) for request in http.sent]
    if status == "AWAITING_USER":
        assert told == []
        return
    failure = {"code": "REVERTED", "message": "no", "retryable": False} if status == "FAILED" else None
    [message] = told
    assert message["type"] == f"action.{status.lower()}"
    assert message["data"] == {
        "actionId": "act_1",
        "kind": "SWAP",
        "status": status,
        "revision": 1,
        "failure": failure,
    }


async def test_without_the_plugin_of_webhooks_nobody_is_told_and_nothing_breaks() -> None:
    harness = Harness("colonnade.actions.plugin", principal=OWNER)
    await harness.store.transact(Writes([harness.context().record(updated("CONFIRMED"))]))
    assert [event.name for event in await harness.settle()] == ["action.updated"]
    assert await harness.work() == []
