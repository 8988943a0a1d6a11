"""A number is taken before the place is written: what may fail between, and what of it is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from enum import Enum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colonnade import Context
from colonnade.errors import StoreUnavailable
from colonnade.store import Key, Put, Store, Update, Writes
from colonnade.testing import FrozenClock, Harness, MemoryStore
from plugins.identity import waitlist
from plugins.identity.entities import USER, WAITLIST, WAITLIST_ENTRY
from plugins.identity.users import new_user
from plugins.identity.waitlist import WaitlistRecord, approve, waiting
from tests.plugins.identity.signing import ALICE, BOB, SignedIn, harness, somebody, wallet
from tests.plugins.identity.test_access import JOIN, join

COUNTER = WAITLIST.key(list="access")
ENTRY = WAITLIST_ENTRY.key(user="").partition


class Loss(Enum):
    """Where the process that joins is killed, or hears nothing more of its database."""

    BEFORE_THE_NUMBER = "before the number"
    AFTER_THE_NUMBER = "after the number"
    BEFORE_THE_ENTRY = "before the entry"
    AFTER_THE_ENTRY = "after the entry"


class WeakStore(MemoryStore):
    """Fails once where `loss` says; calls `meanwhile` once, when a number is asked for."""

    loss: Loss | None = None
    meanwhile: Callable[[], Awaitable[object]] | None = None

    async def increment(self, key: Key, name: str, by: int = 1) -> int:
        if (act := self.meanwhile) is not None:
            self.meanwhile = None
            await act()
        self._lose(Loss.BEFORE_THE_NUMBER)
        number = await super().increment(key, name, by)
        self._lose(Loss.AFTER_THE_NUMBER)
        return number

    async def transact(self, writes: Writes) -> None:
        is_entry = any(isinstance(w, Put) and w.key.partition.startswith(ENTRY) for w in writes)
        if is_entry:
            self._lose(Loss.BEFORE_THE_ENTRY)
        await super().transact(writes)
        if is_entry:
            self._lose(Loss.AFTER_THE_ENTRY)

    def _lose(self, where: Loss) -> None:
        if self.loss is where:
            self.loss = None
            raise StoreUnavailable("the line is dead")


def deployment() -> tuple[WeakStore, Harness]:
    clock = FrozenClock()
    store = WeakStore(clock)
    return store, harness(store=store, clock=clock, admin_addresses=(ALICE.address,))


async def failed_join(store: WeakStore, who: SignedIn, loss: Loss) -> None:
    store.loss = loss
    result = await who.api.execute(JOIN, {"note": None})
    assert [error.code for error in result.errors] == ["UNAVAILABLE"]


async def places(store: Store) -> list[tuple[int, str]]:
    page = await store.query(waiting())
    records = [WaitlistRecord.of(item.attributes) for item in page.items]
    return [(record.position, record.user) for record in records]


async def numbers_given(store: Store) -> object:
    item = await store.get(COUNTER)
    return item and item.attributes["last"]


@pytest.mark.parametrize(
    ("loss", "left_behind", "position"),
    [
        (Loss.BEFORE_THE_NUMBER, [], 1),
        (Loss.AFTER_THE_NUMBER, [], 2),
        (Loss.BEFORE_THE_ENTRY, [], 2),
        (Loss.AFTER_THE_ENTRY, [1], 1),
    ],
)
async def test_a_crash_loses_nothing_but_a_number(loss: Loss, left_behind: list[int], position: int) -> None:
    store, api = deployment()
    bob, carol = await somebody(api, BOB), await somebody(api, wallet(9))
    await failed_join(store, bob, loss)
    assert [number for number, _ in await places(store)] == left_behind
    assert (await join(bob))["position"] == position
    assert (await join(carol))["position"] == position + 1
    assert await places(store) == [(position, bob.user), (position + 1, carol.user)]


@pytest.fixture(scope="module")
def context() -> Context:
    return harness().context()


@given(attempts=st.lists(st.tuples(st.sampled_from("abcd"), st.none() | st.sampled_from(Loss)), max_size=12))
def test_whatever_fails_positions_rise_in_the_order_of_joining_and_none_comes_twice(
    context: Context, attempts: list[tuple[str, Loss | None]]
) -> None:
    store = WeakStore(FrozenClock())
    context = replace(context, store=store)

    async def run() -> None:
        await store.transact(Writes([new_user(user, context.clock.now()) for user in "abcd"]))
        order: list[str] = []
        for user, loss in attempts:
            store.loss = loss
            try:
                assert (await waitlist.join(context, user, None)).user == user
            except StoreUnavailable:
                if loss is not Loss.AFTER_THE_ENTRY:
                    continue
            if user not in order:
                order.append(user)
        listed = await places(store)
        positions = [position for position, _ in listed]
        assert [user for _, user in listed] == order
        assert positions == sorted(set(positions))
        assert all(1 <= position <= len(attempts) for position in positions)

    asyncio.run(run())


async def test_who_comes_second_to_themselves_finds_the_place_that_won() -> None:
    store, api = deployment()
    bob = await somebody(api, BOB)

    async def again() -> None:
        assert (await join(bob, "first"))["position"] == 1

    store.meanwhile = again
    assert await join(bob, "second") == await join(bob)
    assert await places(store) == [(1, bob.user)]
    assert (await join(bob))["note"] == "first"
    assert (await join(await somebody(api, wallet(9))))["position"] == 3


async def test_who_comes_second_to_themselves_and_was_approved_meanwhile_finds_that_place() -> None:
    store, api = deployment()
    bob = await somebody(api, BOB)

    async def again() -> None:
        await join(bob)
        await approve(api.context(), bob.user)

    store.meanwhile = again
    answer = await join(bob)
    assert (answer["position"], answer["approvedAt"]) == (1, "2026-01-01T00:00:00Z")


async def test_who_is_let_in_meanwhile_has_no_place() -> None:
    store, api = deployment()
    bob = await somebody(api, BOB)
    store.meanwhile = lambda: store.transact(Writes([Update(USER.key(id=bob.user), set={"access": True})]))
    assert (await join(bob))["code"] == "ACCESS_ALREADY_GRANTED"
    assert await places(store) == []


async def test_who_has_a_place_or_access_takes_no_number() -> None:
    store, api = deployment()
    bob, carol = await somebody(api, BOB), await somebody(api, wallet(9))
    await store.transact(Writes([Update(USER.key(id=carol.user), set={"access": True})]))
    assert (await join(carol))["code"] == "ACCESS_ALREADY_GRANTED"
    assert await numbers_given(store) is None
    await join(bob)
    await join(bob)
    assert await numbers_given(store) == 1
