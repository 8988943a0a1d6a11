"""An event that cannot be shown holds up nobody, is kept as a dead letter, and can be shown again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from colonnade.dead_events import DeadEvent
from colonnade.errors import HandlerFailed, StoreUnavailable
from colonnade.store import Writes
from colonnade.subscriptions.rows import GROUP, SUBSCRIPTION
from colonnade.testing.composing import compose_plugins
from tests.subscriptions import applause
from tests.subscriptions.applause import broken_renewals, unwell
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


@pytest.fixture
def _well_again() -> Iterator[None]:
    yield
    unwell.clear()
    broken_renewals.clear()


@pytest.mark.usefixtures("_well_again")
@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (RecursionError("too deep"), "INTERNAL"),
        (ValueError("out of range"), "INTERNAL"),
        (StoreUnavailable("throttled"), "UNAVAILABLE"),
    ],
)
async def test_whatever_a_field_fails_at_its_own_group_alone_is_told_and_a_letter_is_kept(
    failure: Exception, code: str
) -> None:
    stage = Stage()
    poisoned, well = await stage.connect(), await stage.connect()
    await stage.follow(poisoned, APPLAUDED)
    await stage.follow(well, HEARD)
    unwell["applauded one"] = failure

    await stage.give("one")
    await stage.give("two")

    assert stage.texts(well, "heard") == ["one", "two"]
    told = [m["payload"] for m in stage.heard(poisoned)]
    assert told[0]["errors"][0]["extensions"]["code"] == code
    assert told[1]["data"]["applauded"]["node"]["text"] == "two"
    (letter,) = await letters(stage)
    assert letter.reason.startswith(code)


async def test_a_field_that_hangs_is_ended_when_its_time_is_up_and_the_next_event_follows() -> None:
    stage = Stage(composition=compose_plugins([applause], budget=0.05))
    poisoned, well = await stage.connect(), await stage.connect()
    await stage.follow(poisoned, APPLAUDED)
    await stage.follow(well, HEARD)

    await stage.give("hanging", "two")

    assert stage.texts(well, "heard") == ["hanging", "two"]
    told = [m["payload"] for m in stage.heard(poisoned)]
    assert told[0]["errors"][0]["extensions"]["code"] == "TIMEOUT"
    assert told[1]["data"]["applauded"]["node"]["text"] == "two"
    (letter,) = await letters(stage)
    assert (letter.sequence, letter.reason[:7]) == (1, "TIMEOUT")


@pytest.mark.usefixtures("_well_again")
async def test_an_authenticator_that_breaks_at_a_renewal_stops_nobody_and_shows_nothing() -> None:
    stage = Stage()
    poisoned, well = await stage.connect("eve"), await stage.connect("bob")
    await stage.follow(poisoned)
    await stage.follow(well)
    broken_renewals.add("eve")
    stage.clock.advance(timedelta(seconds=stage.ports.limits.stale_seconds))

    await stage.give("one")

    assert stage.texts(well) == ["one"]
    (told,) = stage.heard(poisoned)
    assert told["payload"]["data"] is None
    assert [letter.reason for letter in await letters(stage)] == ["an authenticator with a bug"]


@pytest.mark.usefixtures("_well_again")
@pytest.mark.parametrize("failure", [RuntimeError("down"), StoreUnavailable("throttled")])
async def test_what_could_not_be_shown_is_shown_to_those_who_follow_with_that_document(
    failure: Exception,
) -> None:
    stage = Stage()
    one, other = await stage.connect(), await stage.connect()
    await stage.follow(one, APPLAUDED)
    await stage.follow(other, HEARD)
    unwell["applauded one"] = failure
    await stage.give("one")
    (letter,) = await letters(stage)
    with pytest.raises(HandlerFailed, match="cannot be shown yet"):
        await stage.deliverer.show_again(ADA, str(letter.content["document"]), 1)
    unwell.clear()
    for client in (one, other):
        stage.sockets.sent[client].clear()

    await stage.deliverer.show_again(ADA, str(letter.content["document"]), 1)

    assert stage.texts(one) == ["one"]
    assert stage.heard(other) == []


@pytest.mark.usefixtures("_well_again")
async def test_a_replay_shows_nothing_to_whose_session_is_over_also_where_all_are_shown_alike() -> None:
    stage = Stage()
    ended, here = await stage.connect("short"), await stage.connect("bob")
    for client in (ended, here):
        await stage.follow(client, HEARD)
    unwell["heard one"] = RuntimeError("down")
    await stage.give("one")
    (letter,) = await letters(stage)
    unwell.clear()
    for client in (ended, here):
        stage.sockets.sent[client].clear()
    stage.clock.advance(timedelta(seconds=601))

    await stage.deliverer.show_again(ADA, str(letter.content["document"]), 1)

    assert stage.codes(ended) == ["UNAUTHENTICATED"]
    assert [m["type"] for m in stage.heard(ended)] == ["error"]
    assert stage.texts(here, "heard") == ["one"]


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
