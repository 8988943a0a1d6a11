"""Operators in several threads, on a real database: no key twice, no nonce twice, no wei over the cap."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from colonnade.chains import BASE
from colonnade.errors import OperatorRefused
from colonnade.operator import Operation, Operator, Sent
from colonnade.store import Store
from tests.contract.operator.setting import DEFAULTS, ETHER, Setting, pay, spelled

pytestmark = pytest.mark.onchain


async def together(number: int, work: Callable[[int], Any]) -> list[Any]:
    """What `number` threads, set off at once, each got from an event loop of its own: a result or a refusal."""
    start = threading.Barrier(number)

    def run(n: int) -> Any:
        start.wait()
        try:
            return asyncio.run(work(n))
        except OperatorRefused as refusal:
            return refusal

    def all_of_them() -> list[Any]:
        with ThreadPoolExecutor(number) as threads:
            return list(threads.map(run, range(number)))

    return await asyncio.to_thread(all_of_them)


@pytest.fixture
def operator(setting: Setting, database: Store) -> Operator:
    return setting.operator(store=database)


@pytest.fixture
def name() -> str:
    """The beginning of keys that no other test uses: they share a table."""
    return uuid4().hex


def sending(operator: Operator, operation: Operation) -> Callable[[int], Any]:
    """Work that sends the same operation in each thread."""
    return lambda _n: operator.send(operation)


async def test_a_key_that_two_threads_send_is_sent_once(
    setting: Setting, operator: Operator, name: str
) -> None:
    for round_number in range(3):
        operation = pay(f"{name} {round_number}")
        one, other = await together(2, sending(operator, operation))
        assert one == other
        assert one.nonce == round_number
        assert spelled(one.hashes)[0] in setting.waiting()
    setting.mine()
    assert await setting.transactions_sent() == 3


async def test_two_operations_under_one_key_are_one_and_a_refusal(
    setting: Setting, operator: Operator, name: str
) -> None:
    told = await together(2, lambda n: operator.send(pay(name, value=n + 1)))
    assert sum(isinstance(one, Sent) for one in told) == 1
    assert sum(isinstance(one, OperatorRefused) for one in told) == 1
    setting.mine()
    assert await setting.transactions_sent() == 1


async def test_threads_never_share_a_nonce(setting: Setting, operator: Operator, name: str) -> None:
    sent = await together(4, lambda n: operator.send(pay(f"{name} {n}")))
    assert sorted(one.nonce for one in sent) == [0, 1, 2, 3]
    setting.mine()
    assert await setting.transactions_sent() == 4


async def test_two_threads_do_not_spend_the_same_ether(setting: Setting, database: Store, name: str) -> None:
    operator = setting.operator(replace(DEFAULTS, daily_caps={BASE: ETHER}), store=database)
    told = await together(2, lambda n: operator.send(pay(f"{name} {n}", value=6 * ETHER // 10)))
    assert sorted(isinstance(one, Sent) for one in told) == [False, True]
    setting.mine()
    assert await setting.transactions_sent() == 1


async def test_two_threads_make_one_replacement(setting: Setting, operator: Operator, name: str) -> None:
    await operator.send(pay(name))
    setting.clock.advance(30)
    one, other = await together(2, lambda _n: operator.follow(BASE, name))
    assert one == other
    assert len(one.hashes) == 2
    assert setting.waiting() == spelled(one.hashes[1:])
