"""How many blocks are asked for next, after a refusal and after a full answer."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from colonnade.indexing.reach import HELD, WIDEST, Reach


def test_after_a_refusal_it_goes_back_to_what_was_answered_before() -> None:
    assert Reach(500, taken=120).narrower(500) == Reach(120, 500, 120)


def test_where_nothing_was_answered_before_it_halves() -> None:
    assert Reach(500).narrower(500) == Reach(250, 500)


def test_what_was_answered_before_is_forgotten_where_no_more_than_that_is_refused() -> None:
    assert Reach(120, 500, 120).narrower(120) == Reach(60, 120)
    assert Reach(120, 500, 120).narrower(80) == Reach(40, 80)


def test_a_single_block_that_is_refused_is_asked_for_again() -> None:
    assert Reach(1).narrower(1).blocks == 1
    assert Reach(1, taken=1).narrower(1).blocks == 1


def test_it_doubles_until_it_comes_near_what_was_refused() -> None:
    assert Reach(100).wider(100) == Reach(200, 0, 100)
    assert Reach(100, 1_000).wider(100) == Reach(200, 1_000, 100)
    assert Reach(600, 1_000).wider(600) == Reach(800, 1_000, 600)
    assert Reach(8_000).wider(8_000).blocks == WIDEST


def test_an_answer_to_fewer_blocks_than_it_reaches_says_nothing() -> None:
    assert Reach(100, 1_000, 50).wider(99) == Reach(100, 1_000, 50)


def test_near_what_was_refused_it_holds_for_a_while_and_then_tries_more() -> None:
    reach = Reach(960, 1_000)
    for held in range(1, HELD + 1):
        reach = reach.wider(960)
        assert reach == Reach(960, 1_000, 960, held)
    assert reach.wider(960) == Reach(1_920, 0, 960)


@given(st.integers(1, WIDEST))
def test_against_any_bound_it_asks_for_at_least_one_block_and_finds_the_bound(bound: int) -> None:
    reach = Reach()
    for _turn in range(60):
        asked = reach.blocks
        assert 1 <= asked <= WIDEST
        reach = reach.wider(asked) if asked <= bound else reach.narrower(asked)
    assert reach.taken >= bound * 3 // 4
