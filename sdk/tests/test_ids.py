"""Ids sort by the time they were made at, and none is given twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colonnade.clock import SystemClock
from colonnade.ids import UlidIds, ulid

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def number_of(text: str) -> int:
    """The number that a ULID spells."""
    return sum(ALPHABET.index(digit) << 5 * place for place, digit in enumerate(reversed(text)))


class MovingClock:
    """Shows each of `times` in turn; they need not ascend."""

    def __init__(self, times: list[int]) -> None:
        self._times = iter(times)

    def now(self) -> datetime:
        return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=next(self._times))


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=50))
def test_each_id_is_above_the_last_however_the_clock_is_set(times: list[int]) -> None:
    ids = UlidIds(MovingClock(times))

    made = [ids.new("ord") for _ in times]

    assert made == sorted(set(made))


def test_ids_are_unique_over_threads_and_ascend_in_each() -> None:
    ids = UlidIds(SystemClock())

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: [ids.new("ord") for _ in range(500)], range(8)))

    assert all(batch == sorted(batch) for batch in made)
    assert len({one for batch in made for one in batch}) == 8 * 500


@given(st.integers(0, 2**128 - 1), st.integers(0, 2**128 - 1))
def test_ulids_sort_as_their_numbers_do_and_lose_nothing(one: int, other: int) -> None:
    assert (ulid(one) < ulid(other)) == (one < other)
    assert number_of(ulid(one)) == one


def test_a_ulid_is_spelled_as_its_specification_does() -> None:
    """The time of the specification's example, 2016-07-30T23:54:10.259Z, and the largest ULID there is."""
    assert ulid(1_469_922_850_259 << 80)[:10] == "01ARZ3NDEK"
    assert ulid(2**128 - 1) == "7ZZZZZZZZZZZZZZZZZZZZZZZZZ"


@pytest.mark.parametrize("number", [-1, 2**128])
def test_a_number_that_does_not_fit_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match="128 bits"):
        ulid(number)


def test_the_next_id_cannot_be_told_from_the_last_of_the_same_millisecond() -> None:
    makers = [UlidIds(MovingClock([5, 5])) for _ in range(2)]

    pairs = [[number_of(ids.new("ord")[4:]) for _ in range(2)] for ids in makers]

    assert len({second - first for first, second in pairs}) == 2


def test_the_system_clock_shows_utc() -> None:
    assert SystemClock().now().tzinfo is UTC
