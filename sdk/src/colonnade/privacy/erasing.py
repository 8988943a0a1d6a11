"""Erasing an account: closed at once, swept when nothing can be written for it any more.

1. Closing takes away what lets anybody in: no credential can be made or renewed from then on. The account's operations,
   as an export, are ended.
2. Access tokens that were given before are good without a read until they expire, so a session may still write. The
   operation waits for `SETTLED`, which is longer than any of them lasts.
3. The sweep erases all rows, those that lead to others last. What a kill leaves, the next turn finds again.
4. The operation itself is kept without whose it was, as the proof that the account was erased.

A row that is written for the account although it is closed (by a request that had begun before) is there before the
sweep begins, and is swept like the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from colonnade.conditions import Condition, attribute, exists
from colonnade.errors import ConditionFailed, StoreConflict
from colonnade.kept_data import KeptData
from colonnade.migrating.running import pending
from colonnade.personal_data import Anonymise, Delete, Expires, Keep, PersonalData
from colonnade.privacy.declared import personal, undeclared
from colonnade.privacy.turns import Turn
from colonnade.privacy.walking import Walk
from colonnade.store import Delete as DeleteItem
from colonnade.store import Item, Write, Writes
from colonnade.work.rows import LONG_OPERATION

if TYPE_CHECKING:
    from colonnade.context import Context

SETTLED: Final = timedelta(minutes=15)
"""How long after an account is closed a credential of it may still be good: longer than an access token lasts."""

_ATTEMPTS: Final = 5


async def erase(context: Context, arguments: Mapping[str, Any]) -> None:
    """A turn of an erasure. Raises `StoreError`, and is then done again."""
    turn = await Turn.take(context, arguments["operation"])
    if turn is None:
        return
    kept = context.services.get(KeptData)
    if await _must_wait(context, turn, kept):
        return
    account, declared = turn.account, personal(kept)
    now = context.clock.now()
    state: dict[str, Any] = dict(turn.cursor or {"phase": "closing", "walk": None})
    if state["phase"] == "closing":
        closers = {data.entity.plugin for data in declared if data.closes is not None}
        walk = Walk(
            context.store, [d for d in declared if d.entity.plugin in closers], account, state["walk"]
        )
        async for data, item in walk.rows():
            await _close(context, data, item)
            if await turn.is_over({**state, "walk": walk.cursor}, "closing the account"):
                return
        await _end_what_is_at_work(context, turn)
        until = int((now + SETTLED).timestamp())
        state = {"phase": "settling", "walk": None, "until": until}
        await turn.again(state, "closed; waiting until its last access tokens expire", at=now + SETTLED)
        return
    if now.timestamp() < state["until"]:
        wait = timedelta(seconds=state["until"] - int(now.timestamp()))
        await turn.again(state, "closed; waiting until its last access tokens expire", at=now + wait)
        return
    swept = [data for data in declared if not isinstance(data.erasure, Keep | Expires)]
    walk = Walk(context.store, swept, account, state["walk"])
    async for data, item in walk.rows():
        if item.key != LONG_OPERATION.key(id=turn.operation_id):
            await _erase(context, data, item)
        if await turn.is_over({**state, "walk": walk.cursor}, "erasing"):
            return
    await turn.anonymous(f"erased; {turn.done} rows were deleted or made anonymous")


async def _must_wait(context: Context, turn: Turn, kept: KeptData) -> bool:
    """An erasure that could overlook rows does not begin: where an index is not filled, or nothing is declared."""
    missing = list(undeclared(kept))
    if missing:
        await turn.fail(f"nothing was erased: {'; '.join(missing)[:600]}")
        return True
    left = [migration.name for _, migration in await pending(context)]
    if left:
        later = context.clock.now() + timedelta(minutes=10)
        why = f"waits until an operator has run `colonnade migrate`: {', '.join(left)}"
        await turn.again(turn.cursor, why, at=later)
        return True
    return False


async def _end_what_is_at_work(context: Context, turn: Turn) -> None:
    """End the account's other operations, as an export, which would go on writing when its rows are swept."""
    after = None
    while True:
        found, after = await context.operations.newest(100, owner=turn.account, after=after)
        for operation in found:
            if operation.cancellable and not operation.status.ended:
                await context.operations.cancel(operation.id, found=operation)
        if after is None:
            return


async def _close(context: Context, data: PersonalData, item: Item) -> None:
    if data.closes is None:
        return
    writes = Writes(data.closes(context, item.attributes))
    try:
        await context.store.transact(writes)
    except ConditionFailed:
        return  # It belongs to another account by now.


async def _erase(context: Context, data: PersonalData, item: Item) -> None:
    """Erase one row, as it is now. Raises `StoreConflict` where it changes all the time."""
    for _ in range(_ATTEMPTS):
        writes = _writes(context, data, item)
        if not writes:
            return
        try:
            await context.store.transact(Writes(writes))
        except ConditionFailed:
            fresh = await context.store.get(item.key)
            if fresh is None or (
                data.owner and fresh.attributes.get(data.owner) != item.attributes[data.owner]
            ):
                return
            item = fresh
        else:
            return
    raise StoreConflict(f"{item.key} changes all the time, and is erased in the next turn")


def _writes(context: Context, data: PersonalData, item: Item) -> Sequence[Write]:
    match data.erasure:
        case Delete(also):
            mine: Condition = exists()
            if data.owner is not None:
                mine = attribute(data.owner).equals(item.attributes[data.owner])
            return [DeleteItem(item.key, mine), *also(context, item.attributes)]
        case Anonymise(rewrite):
            return list(rewrite(context, item))
        case Keep() | Expires():
            return []
