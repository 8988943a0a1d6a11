"""What the platform itself keeps in the store."""

from __future__ import annotations

from typing import Final

from colonnade import topic_log
from colonnade.attempts import HANDLED
from colonnade.dead_events import DEAD_EVENT
from colonnade.entities import Entity
from colonnade.idempotency import IDEMPOTENCY
from colonnade.inbound.rows import INBOUND_MESSAGE
from colonnade.indexing import following, generations, journal
from colonnade.leases import LEASE
from colonnade.migrating.rows import MIGRATION, MIGRATION_FAILURE
from colonnade.operations import NONCE, OPERATION, SPENDING
from colonnade.outbox import OUTBOX
from colonnade.rates.rows import RATE_BUCKET
from colonnade.server.persisted import PERSISTED_DOCUMENT
from colonnade.subscriptions.rows import ENTITIES as SUBSCRIPTION_ENTITIES
from colonnade.work.rows import LONG_OPERATION, ONCE, TASK

CORE_ENTITIES: Final[tuple[Entity, ...]] = (
    OUTBOX,
    topic_log.LOG,
    topic_log.HEAD,
    HANDLED,
    DEAD_EVENT,
    IDEMPOTENCY,
    INBOUND_MESSAGE,
    LEASE,
    journal.CHECKPOINT,
    journal.STRETCH,
    generations.GENERATIONS,
    following.HEAD,
    OPERATION,
    NONCE,
    SPENDING,
    PERSISTED_DOCUMENT,
    RATE_BUCKET,
    TASK,
    ONCE,
    LONG_OPERATION,
    MIGRATION,
    MIGRATION_FAILURE,
    *SUBSCRIPTION_ENTITIES,
)
"""The entities that belong to no plugin."""
