"""Two threads on every conditional write of subscriptions, over the real database engine."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from colonnade.conditions import absent, attribute
from colonnade.permissions import Principal
from colonnade.store import Writes
from colonnade.subscriptions.conflation import Claim, Interval
from colonnade.subscriptions.memberships import Begun, Memberships
from colonnade.subscriptions.places import BEHIND, LIVE, Place, change, fallen_behind, left_behind
from colonnade.subscriptions.rows import SUBSCRIBER, SUBSCRIPTION
from infra.dynamodb import DynamoDBSettings, DynamoDBStore
from tests.subscriptions.stage import Stage

ROUNDS = 6


@pytest.fixture
def stage(dynamodb: DynamoDBSettings) -> Stage:
    stage = Stage()
    store = DynamoDBStore(dynamodb, stage.clock)
    stage.kept = store
    stage.use(stage.ports_over(store, stage.sockets, stage.log))
    return stage


def together(*work: Callable[[], Coroutine[Any, Any, Any]]) -> list[Any]:
    """What each of these gives, done at once by a thread of its own."""
    start = threading.Barrier(len(work))

    def run(coroutine: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        start.wait()
        return asyncio.run(coroutine())

    with ThreadPoolExecutor(len(work)) as threads:
        return list(threads.map(run, work))


def fresh() -> str:
    return f"connection-{uuid4().hex}"


def place(connection: str, **values: Any) -> Place:
    given = Place("topic.of#" + connection, "a" * 32, connection, "1", "nonce", LIVE, since=0, next=1)
    return replace(given, **values)


def keep(stage: Stage, kept: Place) -> Place:
    asyncio.run(stage.kept.transact(Writes([kept.put(stage.ports.now() + 600)])))
    return kept


def found(stage: Stage, kept: Place) -> Place:
    item = asyncio.run(stage.kept.get(kept.key))
    assert item is not None
    return Place.of(item.attributes)


def acknowledged(stage: Stage) -> str:
    connection = fresh()
    memberships = Memberships(stage.ports)
    assert asyncio.run(memberships.acknowledge(connection, Principal("eve"), None, ""))
    return connection


def begin(stage: Stage, kept: Place, account: str | None = "eve") -> Coroutine[Any, Any, Begun]:
    row = {
        "account": account,
        "connection": kept.connection,
        "id": kept.id,
        "state": "following",
        "nonce": kept.nonce,
        "group": kept.group,
        "topics": [kept.topic],
    }
    until = stage.ports.now() + 600
    subscription = SUBSCRIPTION.put(row, condition=absent(), expires_at=until)
    return Memberships(stage.ports).begin(subscription, [kept.put(until)], kept.connection)


def followers(stage: Stage, kept: Place) -> int:
    return len(asyncio.run(stage.kept.query(SUBSCRIBER.query(topic=kept.topic))).items)


def test_of_two_introductions_one_counts(stage: Stage) -> None:
    memberships = Memberships(stage.ports)
    for _ in range(ROUNDS):
        connection = fresh()
        outcomes = together(
            partial(memberships.acknowledge, connection, Principal("eve"), None, ""),
            partial(memberships.acknowledge, connection, Principal("bob"), None, ""),
        )
        assert sorted(outcomes) == [False, True]


def test_of_two_subscriptions_with_one_id_one_begins(stage: Stage) -> None:
    for number in range(ROUNDS):
        kept = place(acknowledged(stage), nonce=f"first-{number}")
        other = replace(kept, nonce=f"second-{number}")
        outcomes = together(lambda: begin(stage, kept), lambda: begin(stage, other))  # noqa: B023
        assert sorted(o.value for o in outcomes) == ["ID_IN_USE", "YES"]
        assert followers(stage, kept) == 1


def test_a_subscribe_and_its_complete_leave_nothing_behind(stage: Stage) -> None:
    memberships = Memberships(stage.ports)
    for _ in range(ROUNDS * 2):
        kept = place(acknowledged(stage))
        together(
            lambda: begin(stage, kept),  # noqa: B023
            lambda: memberships.complete(kept.connection, kept.id),  # noqa: B023
        )
        assert followers(stage, kept) == 0


def test_a_subscribe_and_the_disconnect_leave_nothing_behind(stage: Stage) -> None:
    memberships = Memberships(stage.ports)
    for _ in range(ROUNDS * 2):
        kept = place(acknowledged(stage))
        together(
            lambda: begin(stage, kept),  # noqa: B023
            lambda: memberships.end(kept.connection),  # noqa: B023
        )
        assert followers(stage, kept) == 0


def test_a_subscribe_and_a_revocation_leave_nothing_behind(stage: Stage) -> None:
    memberships = Memberships(stage.ports)
    for _ in range(ROUNDS):
        connection, credential = fresh(), fresh()
        principal = Principal("eve", credential=credential)
        assert asyncio.run(memberships.acknowledge(connection, principal, None, ""))
        stage.sockets.open(connection)
        kept = place(connection)
        together(
            lambda: begin(stage, kept),  # noqa: B023
            lambda: stage.deliverer.revoke(credential),  # noqa: B023
        )
        assert followers(stage, kept) == 0


def test_the_limit_of_a_connection_holds_for_two_at_once(stage: Stage) -> None:
    stage.limit(subscriptions=1)
    for _ in range(ROUNDS):
        kept = place(acknowledged(stage))
        other = replace(kept, id="2")
        outcomes = together(lambda: begin(stage, kept), lambda: begin(stage, other))  # noqa: B023
        assert sorted(o.value for o in outcomes) == ["TOO_MANY", "YES"]


def test_of_two_completes_that_come_first_as_many_are_remembered_as_may_be(stage: Stage) -> None:
    stage.limit(buried=1)
    memberships = Memberships(stage.ports)
    for _ in range(ROUNDS):
        connection = acknowledged(stage)
        together(
            partial(memberships.complete, connection, "1"), partial(memberships.complete, connection, "2")
        )
        kept = asyncio.run(stage.kept.query(SUBSCRIPTION.query(connection=connection)))
        assert len(kept.items) == 1


def test_a_worker_that_joins_and_a_deliverer_that_leaves_more_agree(stage: Stage) -> None:
    for _ in range(ROUNDS):
        kept = keep(stage, place(fresh(), state=BEHIND, next=6, due=2**40))
        may_join = attribute("state").equals(BEHIND) & attribute("wanted").below(6)
        joined, left = together(
            lambda: change(stage.ports, kept, may_join, state=LIVE),  # noqa: B023
            lambda: left_behind(stage.ports, kept, 6),  # noqa: B023
        )
        # Event 6 is the deliverer's where the place is live, and the worker's where it is not.
        assert joined is not None
        assert (joined.state == LIVE) == (left is not None)
        assert found(stage, kept).state == (LIVE if left else BEHIND)


def test_of_two_that_fall_behind_the_lower_number_is_where_the_worker_goes_on(stage: Stage) -> None:
    for _ in range(ROUNDS):
        kept = keep(stage, place(fresh()))
        together(
            lambda: fallen_behind(stage.ports, kept, 4, 9),  # noqa: B023
            lambda: fallen_behind(stage.ports, kept, 7, 9),  # noqa: B023
        )
        assert (found(stage, kept).state, found(stage, kept).next) == (BEHIND, 4)


def test_of_two_that_claim_an_interval_one_may_send(stage: Stage) -> None:
    for _ in range(ROUNDS):
        interval = Interval("topic.of#" + fresh(), "a" * 32, 1_000)
        asyncio.run(stage.kept.transact(Writes([interval.put(0, stage.ports.now() + 600)])))
        claims = together(
            lambda: interval.claim(stage.ports, 1),  # noqa: B023
            lambda: interval.claim(stage.ports, 1),  # noqa: B023
        )
        assert sorted(c.value for c in claims) == [Claim.LATER.value, Claim.YES.value]
