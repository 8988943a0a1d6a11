"""Idempotent mutations: a request that is sent again does nothing again, and gets the first one's answer.

    request = IdempotentRequest.of(context, "sendTip", input.idempotency_key, {"to": input.to, "amount": input.amount})

    async def effect() -> tuple[str, Writes]:
        ...
        return tip_id, Writes([...])

    tip_id = await once(context, request, effect)

The semantics are Stripe's. A key belongs to a principal and a mutation for 24 hours. The record that it is taken is
written before the effect begins, and its result in the transaction of the effect.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Self

from colonnade.conditions import absent, attribute
from colonnade.entities import Entity
from colonnade.errors import ConditionFailed, StoreError, Unauthenticated
from colonnade.plugin import PROJECT
from colonnade.results import (
    IdempotencyConflict,
    IdempotencyInProgress,
    Refused,
    ValidationFailed,
    ValidationIssue,
)
from colonnade.store import Put, Writes

if TYPE_CHECKING:
    from colonnade.context import Context

KEPT: Final = timedelta(hours=24)
"""For how long a request that is sent again gets the first one's answer."""

LEASE: Final = timedelta(seconds=30)
"""How long an attempt holds its key; after that another may take it, and then the first can no longer commit."""

MAX_KEY: Final = 255
"""Characters of a key."""

IDEMPOTENCY: Final = Entity(
    PROJECT,
    "Idempotency",
    partition="{principal}",
    sort="{mutation}/{key}",
    serves=("what a request with this key did",),
    expires=True,
)

_PATH: Final = ["input", "idempotencyKey"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class IdempotentRequest:
    """A request and its key, as its SHA-256, since rows bound their keys in bytes. `fingerprint`: equal for requests
    that ask for the same."""

    principal: str
    mutation: str
    key: str
    fingerprint: str

    @classmethod
    def of(cls, context: Context, mutation: str, key: str, arguments: Mapping[str, object]) -> Self:
        """The request of the signed-in principal. `arguments`: all that decides what is done.

        Raises `Unauthenticated`, and `Refused` with `ValidationFailed` for an empty or overlong key.
        """
        if context.principal is None:
            raise Unauthenticated(f"{mutation} needs a signed-in caller")
        if not 1 <= len(key) <= MAX_KEY:
            issue = ValidationIssue(
                path=_PATH, code="OUT_OF_RANGE", message=f"must have 1 to {MAX_KEY} characters"
            )
            raise Refused(ValidationFailed.of([issue]))
        canonical = json.dumps(arguments, sort_keys=True, default=str)
        return cls(context.principal.id, mutation, _digest(key), _digest(canonical))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


async def once(
    context: Context, request: IdempotentRequest, effect: Callable[[], Awaitable[tuple[str, Writes]]]
) -> str:
    """The result that `effect` gives, of this request or of an equal one that came first.

    `effect` returns the id of its result and what makes it so; that is committed here together with the record, which
    comes last, so that positions in `ConditionFailed` are those of the effect's own writes. An attempt that raises
    frees the key. Raises `Refused` with `IdempotencyConflict` or `IdempotencyInProgress`, what `effect` raises, and
    what committing raises.
    """
    attempt = context.ids.new("try")
    begun = _record(context, request, attempt)
    try:
        await context.store.transact(Writes([begun]))
    except ConditionFailed as taken:
        return _first_result(taken.failed[0] or {}, request)
    try:
        result, writes = await effect()
        await _commit(context, writes, _record(context, request, attempt, result))
    except BaseException:
        await _free(context, request, attempt)
        raise
    return result


async def _commit(context: Context, writes: Writes, record: Put) -> None:
    """Write the effect and its record. Raises `Refused` where the attempt had lost its key meanwhile."""
    try:
        await context.store.transact(writes + Writes([record]))
    except ConditionFailed as error:
        if error.failed.keys() == {len(writes)}:
            raise Refused(_in_progress()) from error
        raise


def _record(context: Context, request: IdempotentRequest, attempt: str, result: str | None = None) -> Put:
    now = context.clock.now()
    begins = result is None
    return IDEMPOTENCY.put(
        {
            "principal": request.principal,
            "mutation": request.mutation,
            "key": request.key,
            "fingerprint": request.fingerprint,
            "attempt": attempt,
            "result": result,
        },
        condition=absent() if begins else attribute("attempt").equals(attempt),
        expires_at=int((now + (LEASE if begins else KEPT)).timestamp()),
    )


def _first_result(recorded: Mapping[str, object], request: IdempotentRequest) -> str:
    """What the request that took the key gave. Raises `Refused`."""
    if recorded.get("fingerprint", request.fingerprint) != request.fingerprint:
        conflict = IdempotencyConflict(
            message=f"{request.mutation} had this idempotency key with other arguments; take a new key",
            path=_PATH,
        )
        raise Refused(conflict)
    result = recorded.get("result")
    if result is None:
        raise Refused(_in_progress())
    return str(result)


def _in_progress() -> IdempotencyInProgress:
    return IdempotencyInProgress(
        message="a request with this idempotency key is being worked on; send it again in a moment",
        path=_PATH,
        retryable=True,
        retry_after_ms=1_000,
    )


async def _free(context: Context, request: IdempotentRequest, attempt: str) -> None:
    """Give the key back, unless the attempt's result is recorded after all."""
    mine = attribute("attempt").equals(attempt) & attribute("result").equals(None)
    free = IDEMPOTENCY.delete(
        principal=request.principal, mutation=request.mutation, key=request.key, condition=mine
    )
    try:
        await context.store.transact(Writes([free]))
    except ConditionFailed:
        pass  # The commit was taken for lost and was not, or the lease ended and the key is another's.
    except StoreError as error:
        _log.warning("An idempotency key stays taken until its lease ends: %s", error)
