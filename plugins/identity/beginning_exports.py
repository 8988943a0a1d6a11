"""Handing an account what is kept of it: at most one export is begun in an hour, however many are asked for."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from colonnade import Context
from colonnade.accounts import Accounts
from colonnade.conditions import attribute, exists
from colonnade.errors import ConditionFailed, StoreConflict, Unauthenticated
from colonnade.store import Update, Writes
from colonnade.work.records import Operation
from plugins.identity.entities import USER

APART: Final = timedelta(hours=1)
"""The least time between two exports of an account, each of which writes a copy of all that is kept of it."""


async def begin_export(context: Context, user: str, key: str) -> Operation:
    """The export that was begun with this `key`; else a new one; else, within `APART` of the last, that one.

    Raises `Unauthenticated` for an account that is being erased, and `StoreError`.
    """
    operation, writes = context.services.get(Accounts).exporting(context, user, key)
    now = int(context.clock.now().timestamp())
    since = now - int(APART.total_seconds())
    noted = Update(
        USER.key(id=user),
        set={"export": operation.id, "exported_at": now},
        condition=exists() & (attribute("exported_at").absent() | attribute("exported_at").at_most(since)),
    )
    try:
        await context.store.transact(writes + Writes([noted]))
    except ConditionFailed as error:
        if found := await context.operations.find(operation.id):
            return found
        row = await context.store.get(USER.key(id=user))
        if row is None:
            raise Unauthenticated("this account is being erased") from error
        last = await context.operations.find(str(row.attributes.get("export")))
        if last is None:
            raise StoreConflict("another export of this account begins at this moment; ask again") from error
        return last
    return operation
