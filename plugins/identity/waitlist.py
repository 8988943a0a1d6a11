"""The waitlist: places in the order of joining, and how a place becomes access.

One row gives out the numbers, each once and to any crowd; then a transaction makes the entry. So positions are in the
order in which numbers were given, nobody counts those who wait, and a number whose entry failed stays a gap.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from colonnade import Context, Refused
from colonnade.conditions import absent, attribute, exists
from colonnade.errors import ConditionFailed
from colonnade.ids import is_id
from colonnade.store import Check, Query, Update, Value, Write, Writes
from plugins.identity.entities import USER, WAITLIST, WAITLIST_ENTRY
from plugins.identity.refusals import AccessAlreadyGranted, WaitlistEntryNotFound
from plugins.identity.rows import moment, number, optional_text, text

_LIST: Final = "access"
_WAITING: Final = "waiting"


@dataclass(frozen=True, slots=True)
class WaitlistRecord:
    """A place. `position`: from 1, rising in the order of joining, for ever; `approved_at`: None while it waits."""

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
    """A place for a user, or the one taken before. Raises `Refused` with `AccessAlreadyGranted`.

    Who has a place, or access, takes no number. Whatever happens between the number and the entry, nothing is lost
    but the number.
    """
    mine, whose = WAITLIST_ENTRY.key(user=user), USER.key(id=user)
    found = await context.store.batch_get([mine, whose])
    if mine in found:
        return WaitlistRecord.of(found[mine].attributes)
    if whose in found and found[whose].attributes["access"] is True:
        raise Refused(_has_access())
    entry: dict[str, Value] = {
        "user": user,
        "position": await context.store.increment(WAITLIST.key(list=_LIST), "last"),
        "waiting": _WAITING,
        "note": note,
        "joined_at": int(context.clock.now().timestamp()),
        "approved_at": None,
    }
    put = WAITLIST_ENTRY.put(entry, condition=absent())
    try:
        await context.store.transact(Writes([put, Check(whose, attribute("access").equals(False))]))
    except ConditionFailed as error:
        if taken := error.failed.get(0):
            return WaitlistRecord.of(taken)
        raise Refused(_has_access()) from error
    return WaitlistRecord.of(put.item.attributes)


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


def _has_access() -> AccessAlreadyGranted:
    return AccessAlreadyGranted(message="this user has access already")


def _leave(context: Context, user: str) -> Update:
    return Update(
        WAITLIST_ENTRY.key(user=user),
        set={"waiting": None, "approved_at": int(context.clock.now().timestamp())},
        condition=attribute("waiting").equals(_WAITING),
        index_keys={"gsi1": None},
    )
