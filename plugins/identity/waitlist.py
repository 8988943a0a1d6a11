"""The waitlist: places in the order of joining, and how a place becomes access.

The last position given stands in one row, which each joining writes under the condition that it is still the last:
positions are exact, without gaps, and nobody counts, however many wait. Of two who join at once one tries again; of a
crowd that joins within one second, some are told to come back.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from colonnade import Context, Refused
from colonnade.conditions import absent, attribute, exists
from colonnade.errors import ConditionFailed, StoreConflict
from colonnade.ids import is_id
from colonnade.store import Check, Query, Update, Value, Write, Writes
from plugins.identity.entities import USER, WAITLIST, WAITLIST_ENTRY
from plugins.identity.refusals import AccessAlreadyGranted, WaitlistEntryNotFound
from plugins.identity.rows import moment, number, optional_text, text

_LIST: Final = "access"
_WAITING: Final = "waiting"
_ATTEMPTS: Final = 20
_SHORTEST_WAIT: Final = 0.02
_LONGEST_WAIT: Final = 0.64
"""Seconds. Whoever comes second steps back for a while of his own, else a crowd hinders itself."""


@dataclass(frozen=True, slots=True)
class WaitlistRecord:
    """A place. `position`: from 1, in the order of joining, for ever; `approved_at`: None while it waits."""

    user: str
    position: int
    note: str | None
    joined_at: datetime
    approved_at: datetime | None

    @classmethod
    def of(cls, row: Mapping[str, object]) -> WaitlistRecord:
        """The place of a row."""
        approved = None if row.get("approved_at") is None else moment(row, "approved_at")
        return cls(
            text(row, "user"),
            number(row, "position"),
            optional_text(row, "note"),
            moment(row, "joined_at"),
            approved,
        )


def waiting() -> Query:
    """Everybody who waits, in order."""
    return WAITLIST_ENTRY.query("by_position", waiting=_WAITING)


async def find_entry(context: Context, user: str) -> WaitlistRecord | None:
    """The place of a user."""
    item = await context.store.get(WAITLIST_ENTRY.key(user=user))
    return WaitlistRecord.of(item.attributes) if item else None


async def join(context: Context, user: str, note: str | None) -> WaitlistRecord:
    """A place for a user, or the one taken before. Raises `Refused` with `AccessAlreadyGranted`, `StoreConflict`."""
    counter, mine = WAITLIST.key(list=_LIST), WAITLIST_ENTRY.key(user=user)
    for attempt in range(_ATTEMPTS):
        found = await context.store.batch_get([counter, mine])
        if mine in found:
            return WaitlistRecord.of(found[mine].attributes)
        last = number(found[counter].attributes, "last") if counter in found else 0
        entry: dict[str, Value] = {
            "user": user,
            "position": last + 1,
            "waiting": _WAITING,
            "note": note,
            "joined_at": int(context.clock.now().timestamp()),
            "approved_at": None,
        }
        is_last = attribute("last").equals(last) if last else absent()
        take = Update(counter, set={"last": last + 1}, condition=is_last)
        put = WAITLIST_ENTRY.put(entry, condition=absent())
        without = Check(USER.key(id=user), attribute("access").equals(False))
        try:
            await context.store.transact(Writes([take, put, without]))
        except ConditionFailed as error:
            if 2 in error.failed:
                raise Refused(AccessAlreadyGranted(message="this user has access already")) from error
            longest = min(_LONGEST_WAIT, _SHORTEST_WAIT * 2**attempt)
            await asyncio.sleep(random.uniform(0, longest))  # noqa: S311 - nothing is kept secret by it
        else:
            return WaitlistRecord.of(put.item.attributes)
    raise StoreConflict("too many joined the waitlist at once")


async def approve(context: Context, user: str) -> WaitlistRecord:
    """Give access to a user who waits. Raises `Refused` with `WaitlistEntryNotFound`."""
    nobody = WaitlistEntryNotFound(message="nobody waits under this id", path=["input", "entryId"])
    if not is_id(user, "usr"):
        raise Refused(nobody)
    writes = [
        _leave(context, user),
        Update(USER.key(id=user), set={"access": True}, condition=attribute("access").exists()),
    ]
    try:
        await context.store.transact(Writes(writes))
    except ConditionFailed as error:
        raise Refused(nobody) from error
    entry = await find_entry(context, user)
    assert entry is not None
    return entry


async def ceasing(context: Context, user: str) -> Write:
    """The write by which a user who is let in otherwise waits no more; it fails where they join at the same moment."""
    entry = await find_entry(context, user)
    if entry is not None and entry.approved_at is None:
        return _leave(context, user)
    return Check(WAITLIST_ENTRY.key(user=user), absent() if entry is None else exists())


def _leave(context: Context, user: str) -> Update:
    return Update(
        WAITLIST_ENTRY.key(user=user),
        set={"waiting": None, "approved_at": int(context.clock.now().timestamp())},
        condition=attribute("waiting").equals(_WAITING),
        index_keys={"gsi1": None},
    )
