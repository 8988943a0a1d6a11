"""Whoever may not follow any more is shown nothing later than some seconds afterwards, and told why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from colonnade.errors import StoreUnavailable
from colonnade.publishing import Delivery
from colonnade.store import Writes
from colonnade.subscriptions.places import BEHIND, Place
from colonnade.subscriptions.rows import SUBSCRIBER
from tests.subscriptions.applause import deprived, renewed, signed_out
from tests.subscriptions.stage import ADA, APPLAUDED, Stage

OVERHEARD = 'subscription { overheard(creator: "ada") { node { text } } }'
LATEST = 'subscription { latest(creator: "ada") { sequence node { text } } }'


@pytest.fixture(autouse=True)
def _all_as_before() -> Iterator[None]:
    yield
    signed_out.clear()
    deprived.clear()


@pytest.mark.parametrize("document", [APPLAUDED, LATEST])
async def test_a_session_that_ended_is_shown_nothing_once_the_bound_has_passed(document: str) -> None:
    stage = Stage()
    ended, other = await stage.connect("eve"), await stage.connect("bob")
    for client in (ended, other):
        await stage.follow(client, document)
        stage.sockets.sent[client].clear()
    signed_out.add("eve")
    stage.clock.advance(timedelta(seconds=stage.ports.limits.stale_seconds))

    await stage.give("one")

    assert stage.codes(ended) == ["UNAUTHENTICATED"]
    assert [m["type"] for m in stage.heard(ended)] == ["error"]
    assert [m["type"] for m in stage.heard(other)][:1] == ["next"]


async def test_within_the_bound_a_credential_is_looked_at_once() -> None:
    stage = Stage()
    client = await stage.connect("eve")
    await stage.follow(client)
    stage.clock.advance(timedelta(seconds=stage.ports.limits.stale_seconds))
    renewed.clear()

    await stage.give("one", "two", "three")

    assert renewed == ["eve"]
    assert stage.texts(client) == ["one", "two", "three"]


async def test_whoever_lost_the_permission_that_a_field_needs_is_told_so() -> None:
    stage = Stage()
    client, open_to_all = await stage.connect("listener"), await stage.connect("listener")
    await stage.follow(client, OVERHEARD)
    await stage.follow(open_to_all, APPLAUDED)
    deprived.add("listener")
    stage.clock.advance(timedelta(seconds=stage.ports.limits.stale_seconds))

    await stage.give("one")

    assert stage.codes(client) == ["FORBIDDEN"]
    assert stage.texts(open_to_all) == ["one"]


async def test_a_worker_that_catches_up_looks_too() -> None:
    stage = Stage()
    client = await stage.connect("eve")
    await stage.follow(client)
    signed_out.add("eve")
    stage.clock.advance(timedelta(seconds=stage.ports.limits.stale_seconds))
    head = await stage.publish("one")
    stage.deliveries.take()

    row = (await stage.kept.query(SUBSCRIBER.query(topic=ADA))).items[0]
    behind = replace(Place.of(row.attributes), state=BEHIND, next=head)
    await stage.kept.transact(Writes([behind.put(stage.ports.now() + 600)]))

    await stage.deliverer.catch_up(behind.arguments)

    assert stage.codes(client) == ["UNAUTHENTICATED"]


async def test_a_database_that_does_not_answer_ends_nobodys_session(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage()
    client = await stage.connect("eve")
    await stage.follow(client)
    stage.clock.advance(timedelta(seconds=stage.ports.limits.stale_seconds))
    through = await stage.publish("one")

    async def down(*_: object) -> None:
        raise StoreUnavailable("throttled")

    with monkeypatch.context() as patch:
        patch.setattr(type(stage.ports.standing), "now_of", down)
        with pytest.raises(StoreUnavailable):
            await stage.deliver()

    await stage.deliverer.deliver(Delivery(ADA, through))

    assert stage.texts(client) == ["one"]
