"""A walk is taken up where it was, by whichever version of the deployment comes next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pytest

from colonnade.entities import Entity
from colonnade.personal_data import ACCOUNT, Delete, Identifier, PersonalData
from colonnade.privacy.walking import Walk
from colonnade.store import Value, Writes
from colonnade.testing import FrozenClock
from colonnade.testing.memory_store import MemoryStore

NOTE: Final = Entity("shop", "Note", partition="{account}", sort="{number}")
VISIT: Final = Entity("shop", "Visit", partition="{account}", sort="{number}")
BILL: Final = Entity("shop", "Bill", partition="{account}", sort="{number}")
LINE: Final = Entity("shop", "Line", partition="{bill}", sort="{number}")


def of_account(entity: Entity, **more: Any) -> PersonalData:
    return PersonalData(
        entity, Delete(), rows={ACCOUNT: lambda account: [entity.query(account=account)]}, **more
    )


def lines(row: Mapping[str, Value]) -> list[Identifier]:
    return [Identifier("bill", str(row["number"]))]


NOTES, VISITS, BILLS = of_account(NOTE), of_account(VISIT), of_account(BILL, leads_to=lines)
LINES = PersonalData(LINE, Delete(), rows={"bill": lambda bill: [LINE.query(bill=bill)]})


@pytest.fixture
async def store() -> MemoryStore:
    store = MemoryStore(FrozenClock())
    own = [
        entity.put({"account": "ada", "number": f"{number}"})
        for entity in (NOTE, VISIT, BILL)
        for number in range(3)
    ]
    parts = [LINE.put({"bill": f"{bill}", "number": f"{number}"}) for bill in range(3) for number in range(3)]
    await store.transact(Writes([*own, *parts]))
    return store


async def met(walk: Walk) -> list[str]:
    return [_name(data, item.attributes) async for data, item in walk.rows()]


def _name(data: PersonalData, row: Mapping[str, Value]) -> str:
    return "/".join(
        [data.entity.name, *(str(value) for name, value in sorted(row.items()) if name != "account")]
    )


@pytest.mark.parametrize("stopped", range(1, 18))
async def test_a_walk_that_is_taken_up_meets_what_is_left_once(store: MemoryStore, stopped: int) -> None:
    declared = [NOTES, BILLS, LINES, VISITS]
    whole = await met(Walk(store, declared, "ada"))
    walk, begun = Walk(store, declared, "ada"), list[str]()
    async for data, item in walk.rows():
        begun.append(_name(data, item.attributes))
        if len(begun) == stopped:
            break

    assert len(whole) == len(set(whole)) == 18
    assert begun + await met(Walk(store, declared, "ada", walk.cursor)) == whole


@pytest.mark.parametrize("declared", [[VISITS, NOTES], [VISITS, NOTES, BILLS, LINES]])
@pytest.mark.parametrize("stopped", range(1, 16))
async def test_a_walk_begins_anew_where_other_rows_are_declared_by_now(
    store: MemoryStore, declared: list[PersonalData], stopped: int
) -> None:
    walk, begun = Walk(store, [NOTES, BILLS, LINES], "ada"), 0
    async for _ in walk.rows():
        begun += 1
        if begun == stopped:
            break

    taken_up = Walk(store, declared, "ada", walk.cursor)
    assert taken_up.anew
    assert await met(taken_up) == await met(Walk(store, declared, "ada"))


async def test_rows_of_others_hide_none_of_the_accounts_own(store: MemoryStore) -> None:
    shared = Entity("shop", "Shared", partition="all", sort="{number:05d}")
    owners = ["ada" if number in {3, 57, 89} else "bob" for number in range(90)]
    rows = [shared.put({"number": number, "owner": owner}) for number, owner in enumerate(owners)]
    await store.transact(Writes(rows))
    declared = [PersonalData(shared, Delete(), rows={ACCOUNT: lambda _: [shared.query()]}, owner="owner")]

    found = [item.attributes["number"] async for _, item in Walk(store, declared, "ada").rows()]
    assert found == [3, 57, 89]
