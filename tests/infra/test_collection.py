"""Whoever makes much that stays can keep the collector from looking at it."""

from __future__ import annotations

import gc
import sys
import threading

import pytest

from infra.collection import uncollected


def test_nothing_is_collected_within_and_all_is_as_before_afterwards() -> None:
    assert gc.isenabled()
    with uncollected():
        assert not gc.isenabled()
        with uncollected():
            pass
        assert not gc.isenabled(), "the outer block goes on"
    assert gc.isenabled()


def test_the_collector_runs_again_after_a_failure() -> None:
    with pytest.raises(ValueError, match="broken"), uncollected():
        raise ValueError("broken")
    assert gc.isenabled()


def test_a_block_that_ends_while_another_begins_leaves_the_collector_running(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other, really = uncollected(), gc.isenabled
    other.__enter__()

    def looks() -> bool:
        seen = really()
        other.__exit__(None, None, None)  # as a thread would at this very moment
        return seen

    with monkeypatch.context() as patch:
        patch.setattr(gc, "isenabled", looks)
        block = uncollected()
        block.__enter__()
    block.__exit__(None, None, None)
    assert gc.isenabled()


def test_blocks_of_many_threads_leave_the_collector_running() -> None:
    def often() -> None:
        together.wait()
        for _ in range(500):
            with uncollected():
                pass

    together = threading.Barrier(4)
    threads = [threading.Thread(target=often) for _ in range(4)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert gc.isenabled()
