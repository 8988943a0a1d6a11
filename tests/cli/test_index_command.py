"""`colonnade index`: how far each projection is, and making its rows anew."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest

from colonnade.cli import deployment, index, main, progress
from colonnade.indexing.rebuilding import Rebuild
from colonnade.indexing.tracks import generations_of
from colonnade.operating import Deployment
from colonnade.store import Delete, Writes
from colonnade.testing import FrozenClock, MemoryStore
from tests.indexing.chain_of_notes import NOTES, PROJECTION, World


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """A deployment with three notes, all indexed, whose watcher works whenever a command waits."""
    clock = FrozenClock()
    world = World(MemoryStore(clock), clock)

    async def begin() -> None:
        for text in "abc":
            world.write(text)
            world.chain.mine()
        await world.index()

    asyncio.run(begin())
    deployed: Any = SimpleNamespace(
        context=lambda command: world.context(),
        composition=SimpleNamespace(chain_logs=[("notes", PROJECTION)]),
        scanner=lambda: world.store,
    )

    def acting(
        chosen: argparse.Namespace, act: Callable[[Deployment, argparse.Namespace], Awaitable[int]]
    ) -> int:
        async def run() -> int:
            return await act(deployed, chosen)

        return asyncio.run(run())

    async def meanwhile(seconds: float) -> None:
        await world.index()

    monkeypatch.setattr(deployment, "acting", acting)
    monkeypatch.setattr(index, "Rebuild", partial(Rebuild, sleep=meanwhile))
    monkeypatch.setattr(index, "watch", partial(progress.watch, every=0.01))
    return world


def test_projections_are_listed_with_what_they_are_behind(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.chain.mine(7)
    assert main(["index", "list"]) == 0
    _, line = capsys.readouterr().out.strip().splitlines()
    assert line.split() == ["notes", "1", "serve", "4", "7"]


def test_a_rebuild_is_shown_until_the_new_rows_serve_and_the_old_are_gone(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    async def damage() -> None:
        (first, *_) = (await world.store.query(NOTES.query(limit=1))).items
        await world.store.transact(Writes([Delete(first.key)]))

    asyncio.run(damage())
    assert main(["index", "rebuild", "notes"]) == 0
    assert "2 rows of earlier generations are deleted" in capsys.readouterr().out
    assert main(["index", "list"]) == 0
    assert capsys.readouterr().out.splitlines()[1].split()[:3] == ["notes", "2", "serve"]
    assert asyncio.run(world.kept()) == []
    assert main(["index", "sweep", "notes"]) == 0
    assert "0 rows are deleted" in capsys.readouterr().out


def test_rows_that_wait_for_being_deleted_are_named(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    async def switch() -> None:
        (known,) = (await generations_of(world.store, [PROJECTION])).values()
        await world.store.transact(Writes([known.build(known.filters).put()]))
        await world.index()

    asyncio.run(switch())
    assert main(["index", "list"]) == 0
    assert capsys.readouterr().out.strip().endswith("colonnade index sweep notes")


def test_an_unknown_projection_is_named_with_those_there_are(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["index", "rebuild", "nots"]) == 1
    assert "there is notes" in capsys.readouterr().err
