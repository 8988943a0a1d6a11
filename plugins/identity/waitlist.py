"""The waitlist: places in the order of joining, and how a place becomes access.

The last position given stands in one row, which each joining writes under the condition that it is still the last:
positions are exact, without gaps, and nobody counts. Two who join at once try again; that is some hundred a second.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from colonnade import Context, Refused
from colonnade.conditions import absent, attribute
from colonnade.errors import ConditionFailed, StoreConflict
from colonnade.ids import is_id
from colonnade.store import Check, Query, Update, Value, Writes
from plugins.identity.entities import USER, WAITLIST, WAITLIST_ENTRY
from plugins.identity.refusals import AccessAlreadyGranted, WaitlistEntryNotFound
from plugins.identity.rows import moment, number, optional_text, text

_LIST: Final = "access"
_WAITING: Final = "waiting"
_ATTEMPTS: Final = 20


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
    for _ in range(_ATTEMPTS):
        rows = await context.store.batch_get([counter, mine])
        if mine in rows:
            return WaitlistRecord.of(rows[mine].attributes)
        last = number(rows[counter].attributes, "last") if counter in rows else 0
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
            continue
        return WaitlistRecord.of(put.item.attributes)
    raise StoreConflict("too many joined the waitlist at once")


async def approve(context: Context, user: str) -> WaitlistRecord:
    """Give access to a user who waits. Raises `Refused` with `WaitlistEntryNotFound`."""
    nobody = WaitlistEntryNotFound(message="nobody waits under this id", path=["input", "entryId"])
    if not is_id(user, "usr"):
        raise Refused(nobody)
    now = int(context.clock.now().timestamp())
    writes = [
        Update(
            WAITLIST_ENTRY.key(user=user),
            set={"waiting": None, "approved_at": now},
            condition=attribute("waiting").equals(_WAITING),
            index_keys={"gsi1": None},
        ),
        Update(USER.key(id=user), set={"access": True}, condition=attribute("access").exists()),
    ]
    try:
        await context.store.transact(Writes(writes))
    except ConditionFailed as error:
        raise Refused(nobody) from error
    entry = await find_entry(context, user)
    assert entry is not None
    return entry
