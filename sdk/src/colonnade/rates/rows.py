"""Buckets in the store: one row each, gone soon after the bucket is full again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from colonnade.conditions import absent, attribute
from colonnade.entities import Entity
from colonnade.errors import ConditionFailed, StoreConflict
from colonnade.ownership import CORE
from colonnade.rates.bucket import SECOND, SKEW, Quota
from colonnade.store import Update, Value, Write, Writes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from colonnade.store import Store

RATE_BUCKET: Final = Entity(
    CORE, "RateBucket", partition="{holder}", serves=("what a client has left to spend",), expires=True
)

_KEPT: Final = 60
_ATTEMPTS: Final = 4


@dataclass(frozen=True, slots=True)
class Taken:
    """`granted`: whether the tokens were there. `full_at`: of the bucket now, epoch microseconds."""

    granted: bool
    full_at: int


async def take(store: Store, holder: str, quota: Quota, tokens: int, now: int, known: int | None) -> Taken:
    """Take tokens of a bucket, all or none.

    `known`: the moment that was last read of it. One conditional write if nobody spent since, or the bucket is full;
    one more where somebody did. Raises `StoreError`.
    """
    time = quota.time_of(tokens)
    found = known
    exact = True
    for _ in range(_ATTEMPTS):
        write, full_at = _write(holder, quota, time, now, found, exact=exact)
        try:
            await store.transact(Writes([write]))
        except ConditionFailed as failed:
            found, exact = _moment(failed.failed.get(0)), False
        else:
            return Taken(True, full_at)
        if found is not None and now < found <= now + quota.span + SKEW and found + time > now + quota.span:
            return Taken(False, found)
    raise StoreConflict(f"a bucket changed {_ATTEMPTS} times while {tokens} tokens were to be taken of it")


def _write(
    holder: str, quota: Quota, time: int, now: int, found: int | None, *, exact: bool
) -> tuple[Write, int]:
    """The write that takes tokens of a bucket as it was found, and when it is full again then."""
    expires_at = (now + quota.span) // SECOND + _KEPT
    moment = attribute("full_at")
    if found is None or found <= now:
        full_at, condition = now + time, absent() | moment.at_most(now)
    elif found > now + quota.span + SKEW:
        full_at, condition = now + time, moment.equals(found)
    elif exact:
        full_at, condition = found + time, moment.equals(found)
    else:  # busy: others may spend in between, as long as enough is left
        enough = moment.at_least(found) & moment.at_most(now + quota.span - time)
        key = RATE_BUCKET.key(holder=holder)
        return Update(key, add={"full_at": time}, condition=enough, expires_at=expires_at), found + time
    row: dict[str, Value] = {"holder": holder, "full_at": full_at}
    return RATE_BUCKET.put(row, condition=condition, expires_at=expires_at), full_at


def _moment(row: Mapping[str, object] | None) -> int | None:
    found = (row or {}).get("full_at")
    return found if isinstance(found, int) else None
