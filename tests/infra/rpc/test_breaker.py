from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from infra.rpc.breaker import LONGEST_REST_SECONDS, Breaker
from tests.infra.rpc.conftest import Clock


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker(failures=3, rest_seconds=10, clock=clock)


def broken(breaker: Breaker) -> Breaker:
    for _ in range(3):
        breaker.failed()
    return breaker


def test_it_opens_after_so_many_failures_in_a_row(breaker: Breaker) -> None:
    assert [breaker.failed() for _ in range(3)] == [False, False, True]
    assert breaker.state == "open"
    assert not breaker.admit()
    assert breaker.resting_seconds() == 10


def test_a_success_in_between_starts_the_count_anew(breaker: Breaker) -> None:
    for _ in range(5):
        breaker.failed()
        breaker.failed()
        breaker.succeeded()
    assert breaker.state == "closed"
    assert breaker.admit()


def test_after_the_rest_one_probe_may_go(breaker: Breaker, clock: Clock) -> None:
    broken(breaker)
    clock.now += 10
    assert breaker.state == "half-open"
    assert [breaker.admit() for _ in range(3)] == [True, False, False]


def test_a_probe_that_succeeds_closes_it(breaker: Breaker, clock: Clock) -> None:
    broken(breaker)
    clock.now += 10
    breaker.admit()
    breaker.succeeded()
    assert breaker.state == "closed"
    assert [breaker.admit() for _ in range(3)] == [True, True, True]


def test_a_probe_that_fails_opens_it_at_once(breaker: Breaker, clock: Clock) -> None:
    broken(breaker)
    clock.now += 10
    breaker.admit()
    assert breaker.failed()
    assert breaker.state == "open"
    assert breaker.resting_seconds() == 10


def test_a_probe_whose_outcome_is_never_told_does_not_keep_it_shut_for_good(
    breaker: Breaker, clock: Clock
) -> None:
    broken(breaker)
    clock.now += 10
    assert breaker.admit()
    clock.now += 9
    assert not breaker.admit()
    clock.now += 1
    assert breaker.admit()


def test_a_rest_that_was_asked_for_is_taken_at_the_first_failure(breaker: Breaker) -> None:
    assert breaker.failed(rest_seconds=42)
    assert breaker.resting_seconds() == 42


def test_no_rest_is_shorter_than_configured_or_longer_than_bearable(breaker: Breaker) -> None:
    breaker.failed(rest_seconds=0)
    assert breaker.resting_seconds() == 10
    breaker.failed(rest_seconds=1e9)
    assert breaker.resting_seconds() == LONGEST_REST_SECONDS


def test_threads_that_come_together_send_one_probe(breaker: Breaker, clock: Clock) -> None:
    broken(breaker)
    clock.now += 10
    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(lambda _: breaker.admit(), range(64))) == 1
