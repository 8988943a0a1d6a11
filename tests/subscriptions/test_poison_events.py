"""An event that cannot be shown holds up nobody, is kept as a dead letter, and can be shown again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from colonnade.dead_events import DeadEvent
from colonnade.errors import HandlerFailed
from colonnade.server.operations import Operations
from colonnade.store import Writes
from colonnade.subscriptions.rows import GROUP, SUBSCRIPTION
from tests.subscriptions.stage import ADA, APPLAUDED, Stage

HEARD = 'subscription { heard(creator: "ada") { node { text } } }'


async def letters(stage: Stage) -> list[DeadEvent]:
    return list((await stage.ports.dead.listed("showing"))[0])


async def test_a_field_that_fails_at_an_event_is_a_letter_and_the_next_event_follows() -> None:
    stage = Stage()
    one, two = await stage.connect("eve"), await stage.connect("bob")
    for client in (one, two):
        await stage.follow(client)

    await stage.give("failing", "fine")

    assert [m["payload"]["data"] and "ok" for m in stage.heard(one)][-1] == "ok"
    (letter,) = await letters(stage)
    assert (letter.topic, letter.sequence, letter.who) == (ADA, 1, "subscription S")
    assert ("EventsDead", 1) in stage.measures.told


async def test_an_executor_that_raises_harms_its_own_group_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage()
    poisoned, well = await stage.connect(), await stage.connect()
    await stage.follow(poisoned, APPLAUDED)
    await stage.follow(well, HEARD)
    prepare = Operations.prepare

    def broken(self: Operations, query: str, name: str | None) -> object:
        if query == APPLAUDED:
            raise RecursionError("a document that no executor survives")
        return prepare(self, query, name)

    with monkeypatch.context() as patch:
        patch.setattr(Operations, "prepare", broken)
        await stage.give("one")
    await stage.give("two")

    assert stage.texts(well, "heard") == ["one", "two"]
    told = [m["payload"] for m in stage.heard(poisoned)]
    assert told[0]["errors"][0]["extensions"]["code"] == "INTERNAL"
    assert told[1]["data"]["applauded"]["node"]["text"] == "two"
    (letter,) = await letters(stage)
    assert letter.reason == "a document that no executor survives"


async def test_what_could_not_be_shown_is_shown_to_those_who_follow_with_that_document(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = Stage()
    one, other = await stage.connect(), await stage.connect()
    await stage.follow(one, APPLAUDED)
    await stage.follow(other, HEARD)
    prepare = Operations.prepare

    def broken(self: Operations, query: str, name: str | None) -> object:
        if query == APPLAUDED:
            raise RuntimeError("down")
        return prepare(self, query, name)

    with monkeypatch.context() as patch:
        patch.setattr(Operations, "prepare", broken)
        await stage.give("one")
        (letter,) = await letters(stage)
        with pytest.raises(HandlerFailed, match="cannot be shown yet"):
            await stage.deliverer.show_again(ADA, str(letter.content["document"]), 1)
    stage.sockets.sent[one].clear()
    await stage.deliverer.show_again(ADA, str(letter.content["document"]), 1)

    assert stage.texts(one) == ["one"]
    assert stage.texts(other, "heard") == ["one"]


async def test_a_group_that_nobody_can_read_ends_with_a_typed_error() -> None:
    stage = Stage()
    broken, well = await stage.connect("eve"), await stage.connect("bob")
    await stage.follow(broken)
    await stage.follow(well, HEARD)
    row = (await stage.kept.query(GROUP.query(group=await group_of_client(stage, broken)))).items[0]
    put = GROUP.put({**row.attributes, "described": "{}"}, expires_at=stage.ports.now() + 600)
    await stage.kept.transact(Writes([put]))

    await stage.give("one")

    assert stage.codes(broken) == ["SUBSCRIPTION_EXPIRED"]
    assert stage.texts(well, "heard") == ["one"]


async def group_of_client(stage: Stage, client: str) -> str:
    page = await stage.kept.query(SUBSCRIPTION.query(connection=client))
    return str(page.items[0].attributes["group"])


async def test_the_lag_of_a_delivery_is_from_the_recording_to_when_all_were_sent_it() -> None:
    stage = Stage()
    await stage.follow(await stage.connect())
    await stage.publish("one")
    stage.clock.advance(timedelta(seconds=7))

    await stage.deliver()

    assert ("EventDeliveryLag", 7_000) in stage.measures.told
