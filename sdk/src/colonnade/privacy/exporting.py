"""Handing an account what is kept of it: the rows that plugins declare, without the platform's secrets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from colonnade.conditions import attribute
from colonnade.errors import ConditionFailed, OperationLost
from colonnade.kept_data import KeptData
from colonnade.migrating.running import pending
from colonnade.personal_data import PersonalData
from colonnade.privacy.declared import personal
from colonnade.privacy.rows import EXPORTED, KEPT
from colonnade.privacy.turns import Turn
from colonnade.privacy.walking import Walk
from colonnade.store import Check, Item, Value, Write, Writes
from colonnade.work.records import OperationStatus
from colonnade.work.rows import LONG_OPERATION

if TYPE_CHECKING:
    from colonnade.context import Context

TOGETHER: Final = 20
"""Records that are written in one transaction."""

Record: TypeAlias = Mapping[str, Any]

_LARGEST_EXACT: Final = 2**53


async def records(context: Context, account: str) -> AsyncIterator[Record]:
    """What is kept of an account, row after row, as JSON values. One page of rows is in memory at a time."""
    declared = personal(context.services.get(KeptData))
    async for data, item in Walk(context.store, declared, account).rows():
        if data.exported:
            yield record_of(data, item)


def record_of(data: PersonalData, item: Item) -> Record:
    """What is handed over of a row."""
    shown = {name: value for name, value in item.attributes.items() if name not in data.withheld}
    return {"plugin": data.entity.plugin, "kind": data.entity.name, "data": _json(shown)}


async def export(context: Context, arguments: Mapping[str, Any]) -> None:
    """A turn of an export: its records are written down for the account to read. Raises `StoreError`."""
    turn = await Turn.take(context, arguments["operation"])
    if turn is None:
        return
    left = [migration.name for _, migration in await pending(context)]
    if left:
        later = context.clock.now() + timedelta(minutes=10)
        await turn.again(
            turn.cursor, f"waits until an operator has run `colonnade migrate`: {', '.join(left)}", at=later
        )
        return
    declared = personal(context.services.get(KeptData))
    state: dict[str, Any] = dict(turn.cursor or {"walk": None, "number": 0})
    walk = Walk(context.store, declared, turn.account, state["walk"])
    expires_at = int((context.clock.now() + KEPT).timestamp())
    number: int = 0 if walk.anew else state["number"]
    waiting: list[Write] = []
    # An erasure ends it: what it has in hand must not be written down when the account has been swept.
    at_work = Check(
        LONG_OPERATION.key(id=turn.operation_id), attribute("status").equals(OperationStatus.RUNNING.value)
    )

    async def write_down() -> None:
        try:
            await context.store.transact(Writes([*waiting, at_work]))
        except ConditionFailed as error:
            raise OperationLost(f"the export {turn.operation_id} was ended meanwhile") from error
        waiting.clear()

    async for data, item in walk.rows():
        if not data.exported:
            continue
        row = {"operation": turn.operation_id, "number": number, **record_of(data, item)}
        waiting.append(EXPORTED.put(row, expires_at=expires_at))
        number += 1
        if len(waiting) == TOGETHER:
            await write_down()
            if await turn.is_over({"walk": walk.cursor, "number": number}, "collecting", rows=TOGETHER):
                return
    await write_down()
    turn.done = number
    await turn.succeed(f"{number} records, to be read for {KEPT.days} days")


def _json(value: Value) -> Any:
    """A value as JSON has it: bytes as 0x-hex, integers that JavaScript would round as decimal strings."""
    match value:
        case None | bool() | str():
            return value
        case bytes():
            return f"0x{value.hex()}"
        case int():
            return value if abs(value) < _LARGEST_EXACT else str(value)
        case Mapping():
            return {name: _json(entry) for name, entry in value.items()}
        case _:
            return [_json(entry) for entry in value]
