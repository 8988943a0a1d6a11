"""What a server keeps is not looked at again by the collector, and what it drops later still is."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from infra.local.settled import settle


class Node:
    """Something that refers to itself."""

    def __init__(self) -> None:
        self.me = self


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    before = list(gc.callbacks)
    yield
    gc.callbacks[:] = before
    gc.unfreeze()


def test_what_is_there_and_what_lasts_until_a_full_collection_is_set_aside() -> None:
    settle(2)
    frozen = gc.get_freeze_count()
    assert frozen > 10_000
    kept = [[number] for number in range(1_000)]
    gc.collect()
    assert gc.get_freeze_count() >= frozen + len(kept)


def test_it_ends_after_so_many_collections() -> None:
    callbacks = len(gc.callbacks)
    settle(2)
    gc.collect(1)
    assert len(gc.callbacks) == callbacks + 1
    gc.collect()
    gc.collect()
    assert len(gc.callbacks) == callbacks
    frozen = gc.get_freeze_count()
    kept = [[number] for number in range(1_000)]
    gc.collect()
    assert gc.get_freeze_count() == frozen
    assert kept


def test_garbage_that_is_made_later_is_collected() -> None:
    settle(1)
    gc.collect()
    dropped = weakref.ref(Node())
    gc.collect()
    assert dropped() is None


def test_none_at_all_sets_aside_what_is_there_alone() -> None:
    callbacks = len(gc.callbacks)
    settle(0)
    assert len(gc.callbacks) == callbacks
    assert gc.get_freeze_count() > 10_000
