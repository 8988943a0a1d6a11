"""Two threads at the counts of an account and at one dead letter, over the real database engine."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from uuid import uuid4

from colonnade.events import EventHandler
from colonnade.permissions import Principal
from colonnade.subscriptions.memberships import Begun, Connected, Memberships
from colonnade.subscriptions.rows import FOLLOWING
from infra.dynamodb import DynamoDBSettings, DynamoDBStore
from tests.events.relaying import Relaying
from tests.events.rows import BellRung
from tests.events.test_dead_events import dead_letter, replaying, strokes
from tests.events.test_handling import Sore
from tests.subscriptions.stage import Stage
from tests.subscriptions.test_races import begin, fresh, place, stage, together

__all__ = ["stage"]

ROUNDS = 4


def connect(stage: Stage, account: str) -> str:
    connection = fresh()
    assert asyncio.run(Memberships(stage.ports).acknowledge(connection, Principal(account), None, ""))
    return connection


def counts(stage: Stage, account: str) -> tuple[object, object]:
    item = asyncio.run(stage.kept.get(FOLLOWING.key(principal=account)))
    assert item is not None
    return item.attributes["connections"], item.attributes["subscriptions"]


def connected(stage: Stage, connection: str) -> Connected:
    found = asyncio.run(Memberships(stage.ports).connected(connection))
    assert found is not None
    return found


def test_of_two_last_subscriptions_of_an_account_one_begins(stage: Stage) -> None:
    stage.limit(account_subscriptions=1)
    for _ in range(ROUNDS):
        account = f"acc-{uuid4().hex}"
        places = [place(connect(stage, account)) for _ in range(2)]
        outcomes = together(*(partial(begin, stage, kept, account) for kept in places))
        assert sorted(outcome.value for outcome in outcomes) == ["TOO_MANY_OF_ACCOUNT", "YES"]
        assert counts(stage, account) == (2, 1)


def test_of_two_last_connections_of_an_account_one_is_good(stage: Stage) -> None:
    stage.limit(account_connections=1)
    memberships = Memberships(stage.ports)
    for _ in range(ROUNDS):
        principal = Principal(f"acc-{uuid4().hex}")
        connections = [fresh(), fresh()]
        outcomes = together(
            *(partial(memberships.acknowledge, made, principal, None, "") for made in connections)
        )
        assert outcomes == [True, True]
        codes = sorted(str(connected(stage, made).refusal is None) for made in connections)
        assert codes == ["False", "True"]
        assert counts(stage, principal.id) == (1, 0)


def test_a_subscribe_a_complete_and_the_end_of_the_connection_leave_no_count(stage: Stage) -> None:
    memberships = Memberships(stage.ports)
    for _ in range(ROUNDS):
        account = f"acc-{uuid4().hex}"
        kept = place(connect(stage, account))
        other = replace(kept, id="2", nonce="other")
        assert asyncio.run(begin(stage, other, account)) is Begun.YES
        together(
            lambda: begin(stage, kept, account),  # noqa: B023
            lambda: memberships.complete(kept.connection, "2"),  # noqa: B023
            lambda: memberships.end(kept.connection),  # noqa: B023
            lambda: memberships.end(kept.connection),  # noqa: B023
        )
        assert counts(stage, account) == (0, 0)


def test_of_two_replays_of_a_letter_one_takes_effect(dynamodb: DynamoDBSettings) -> None:
    sore = Sore(1)
    relaying = Relaying([EventHandler("bells.sore", BellRung, sore.handle)])
    store = DynamoDBStore(dynamodb, relaying.clock)
    relaying.memory = store  # type: ignore[assignment]
    relaying.use(store)
    letter = asyncio.run(dead_letter(relaying, uuid4().hex))
    sore.strokes.clear()

    together(*(partial(replaying(relaying).replay, letter.id) for _ in range(3)))

    assert asyncio.run(strokes(relaying)) == {"s1": True}
    assert asyncio.run(relaying.handling.dead.get(letter.id)) is None
