"""What every `Clock` and every `Ids` promises, whichever adapter stands behind the port."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from colonnade.clock import SystemClock
from colonnade.context import Clock, Ids
from colonnade.ids import UlidIds, is_id
from colonnade.testing import FrozenClock, SequentialIds

CLOCKS = [SystemClock, FrozenClock]
IDS = [lambda: UlidIds(SystemClock()), lambda: SequentialIds(FrozenClock())]

ULID = re.compile(r"ord_[0-7][0-9A-HJKMNP-TV-Z]{25}")


@pytest.mark.parametrize("clock", CLOCKS)
def test_time_is_utc_and_does_not_go_back(clock: Callable[[], Clock]) -> None:
    here = clock()
    first, second = here.now(), here.now()
    assert first.utcoffset() == timedelta(0)
    assert first <= second


@pytest.mark.parametrize("ids", IDS)
def test_ids_are_ulids_behind_their_prefix(ids: Callable[[], Ids]) -> None:
    assert ULID.fullmatch(ids().new("ord"))


@pytest.mark.parametrize("ids", IDS)
def test_an_id_is_known_by_its_form(ids: Callable[[], Ids]) -> None:
    made = ids().new("ord")
    assert is_id(made, "ord")
    for other in (
        "",
        "ord",
        "ord_",
        f"x{made}",
        f"{made}0",
        made.lower(),
        made.replace("_", "-"),
        f"{made}\n",
    ):
        assert not is_id(other, "ord")
    assert not is_id(made, "usr")


@pytest.mark.parametrize("ids", IDS)
def test_ids_are_fresh_and_sort_in_the_order_they_were_asked_for(ids: Callable[[], Ids]) -> None:
    source = ids()
    made = [source.new("ord") for _ in range(1_000)]
    assert made == sorted(set(made))
