"""Whose personal data the platform's own rows hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Final, cast

from colonnade import topic_log
from colonnade.attempts import HANDLED
from colonnade.dead_events import DEAD_EVENT
from colonnade.entities import Entity
from colonnade.events import EventType
from colonnade.idempotency import IDEMPOTENCY
from colonnade.inbound.rows import INBOUND_MESSAGE
from colonnade.indexing import following, generations, journal
from colonnade.leases import LEASE
from colonnade.migrating.rows import MIGRATION, MIGRATION_FAILURE
from colonnade.operations import NONCE, OPERATION, SPENDING
from colonnade.outbox import MARKED, OUTBOX
from colonnade.personal_data import (
    ACCOUNT,
    CREDENTIAL,
    Delete,
    Expires,
    Identifier,
    NoPersonalData,
    PersonalData,
    PersonalDataDeclaration,
    Place,
    Row,
)
from colonnade.rates.rows import RATE_BUCKET
from colonnade.server.persisted import PERSISTED_DOCUMENT
from colonnade.store import Query
from colonnade.subscriptions import rows as following_rows
from colonnade.work.rows import LONG_OPERATION, ONCE, TASK

OPERATION_ID: Final = "operation"
"""The id of a long operation of the account."""

CONNECTED: Final = "connection"
"""The id of a connection that speaks for the account."""

_GATEWAY: Final = "a gateway ends each connection after two hours, and its rows expire with it"


def platform_data(event_types: Iterable[EventType]) -> Sequence[PersonalDataDeclaration]:
    """What the platform's entities hold, where `event_types` are those of the composition."""
    return [
        *_events(event_types),
        PersonalData(
            IDEMPOTENCY,
            Delete(),
            rows={ACCOUNT: lambda account: [IDEMPOTENCY.query(principal=account)]},
            withheld=("attempt", "fingerprint"),
        ),
        PersonalData(
            LONG_OPERATION,
            Delete(),
            rows={ACCOUNT: lambda account: [LONG_OPERATION.query("owned", owner=account)]},
            leads_to=lambda row: [Identifier(OPERATION_ID, cast(str, row["id"]))],
            withheld=("cursor", "holder"),
        ),
        PersonalData(
            INBOUND_MESSAGE,
            Expires(
                timedelta(days=30),
                "what a provider told is kept while it may tell it again; plugins keep what they made of it",
            ),
            exported=False,
        ),
        PersonalData(
            TASK,
            Delete(),
            rows={ACCOUNT: lambda account: [TASK.query("asked", asked_by=account)]},
            owner="asked_by",
            exported=False,
        ),
        PersonalData(
            DEAD_EVENT,
            Expires(
                timedelta(days=30),
                "an event that could not be handled waits for an operator, then it is forgotten",
            ),
            exported=False,
        ),
        PersonalData(
            RATE_BUCKET,
            Expires(
                timedelta(minutes=5),
                "what a client may spend at present is forgotten once it may spend all of it",
            ),
            exported=False,
        ),
        *_connections(),
        NoPersonalData(HANDLED, "which handler was done with an event, by the event's own id"),
        NoPersonalData(LEASE, "which worker does what"),
        NoPersonalData(ONCE, "which task has a key that a plugin made up of no personal data"),
        NoPersonalData(journal.CHECKPOINT, "how far a public chain is indexed"),
        NoPersonalData(generations.GENERATIONS, "which rows of public facts serve readers"),
        NoPersonalData(journal.STRETCH, "which rows of public facts a chain's blocks made; kept three days"),
        NoPersonalData(following.HEAD, "the head of a public chain"),
        NoPersonalData(OPERATION, "the platform's own transactions"),
        NoPersonalData(NONCE, "nonces of the platform's own accounts"),
        NoPersonalData(SPENDING, "what the platform's own accounts spent"),
        NoPersonalData(PERSISTED_DOCUMENT, "documents without their variables, known by their hash"),
        NoPersonalData(MIGRATION, "how far a change of rows is"),
        PersonalData(
            MIGRATION_FAILURE,
            Expires(timedelta(days=30), "which row a migration could not change, by its key, for operators"),
            exported=False,
        ),
    ]


def _events(event_types: Iterable[EventType]) -> Sequence[PersonalDataDeclaration]:
    """The events that are about an account, in the logs of their topics."""
    topics: dict[str, list[Callable[[str], str]]] = {}
    for declared in event_types:
        if declared.about is not None:
            topics.setdefault(declared.about, []).append(declared.event.topic)

    def rows(of_topic: Callable[[str], Query]) -> Mapping[str, Callable[[str], Iterable[Place]]]:
        return {kind: _places(named, of_topic) for kind, named in topics.items()}

    kept = (
        PersonalData(topic_log.LOG, Delete(), rows=rows(lambda topic: topic_log.LOG.query(topic=topic))),
        PersonalData(
            topic_log.HEAD,
            Delete(),
            rows=rows(lambda topic: topic_log.HEAD.query(topic=topic)),
            exported=False,
        ),
        PersonalData(OUTBOX, Delete(), rows=rows(lambda topic: OUTBOX.query(topic=topic)), exported=False),
        PersonalData(
            following_rows.DELIVERED,
            Delete(),
            rows=rows(lambda topic: following_rows.DELIVERED.query(topic=topic)),
            exported=False,
        ),
    )
    if topics:
        return kept
    return [
        NoPersonalData(data.entity, f"no event here is about an account; events are kept {MARKED}")
        for data in kept
    ]


def _places(
    topics: Sequence[Callable[[str], str]], of_topic: Callable[[str], Query]
) -> Callable[[str], Iterable[Place]]:
    return lambda value: [of_topic(topic(value)) for topic in topics]


def _connections() -> Sequence[PersonalDataDeclaration]:
    expiring: Sequence[Entity] = (following_rows.SUBSCRIBER, following_rows.GROUP, following_rows.CONFLATION)
    return [
        PersonalData(
            following_rows.CONNECTION,
            Delete(),
            rows={
                CREDENTIAL: lambda credential: [
                    following_rows.CONNECTION.query("by_credential", credential=credential)
                ]
            },
            leads_to=_connection,
        ),
        PersonalData(
            following_rows.SUBSCRIPTION,
            Delete(),
            rows={CONNECTED: lambda connection: [following_rows.SUBSCRIPTION.query(connection=connection)]},
        ),
        PersonalData(
            following_rows.FOLLOWING,
            Delete(),
            rows={ACCOUNT: lambda account: [following_rows.FOLLOWING.key(principal=account)]},
            exported=False,
        ),
        NoPersonalData(following_rows.JOINED, "how many began to follow a topic in an hour"),
        PersonalData(following_rows.DUE, Expires(following_rows.MARKED, _GATEWAY), exported=False),
        NoPersonalData(following_rows.LOOKED, "how far connections were looked at"),
        *(
            PersonalData(entity, Expires(following_rows.MARKED, _GATEWAY), exported=False)
            for entity in expiring
        ),
    ]


def _connection(row: Row) -> Iterable[Identifier]:
    return [Identifier(CONNECTED, cast(str, row["connection"]))]
