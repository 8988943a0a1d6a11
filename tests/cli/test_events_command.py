"""`colonnade events`: what could not be taken, and asking for it again."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest

from colonnade.cli import deployment, main
from colonnade.context import Context
from colonnade.cursors import CursorSigner
from colonnade.dead_events import DeadEvents
from colonnade.operating import Deployment
from colonnade.queues import Queues
from colonnade.replaying import REPLAY
from colonnade.services import Services
from colonnade.testing import FrozenClock, MemoryStore, ScriptedChains, SequentialIds
from colonnade.testing.memory_queue import MemoryQueue


class Deployed:
    """A deployment with dead letters, whose queue can be looked into."""

    def __init__(self) -> None:
        self.clock = FrozenClock()
        self.store = MemoryStore(self.clock)
        self.jobs = MemoryQueue()
        self.dead = DeadEvents(self.store, self.clock)

    def context(self, request_id: str, _: object = None) -> Context:
        return Context(
            request_id=request_id,
            store=self.store,
            chains=ScriptedChains(),
            services=Services({}),
            clock=self.clock,
            ids=SequentialIds(self.clock),
            cursors=CursorSigner(b"k" * 32),
        )

    @property
    def seen_from_outside(self) -> Any:
        """What the command asks of a `Deployment`."""
        return SimpleNamespace(
            context=self.context,
            queues=Queues(MemoryQueue(), self.jobs),
            hide=lambda value: json.loads(json.dumps(value).replace("hunter2", "…")),
        )

    def keep(self, name: str, **what: Any) -> str:
        letter = self.dead.letter("handler", (name,), f"shop: {name}", "the password is hunter2", **what)
        asyncio.run(self.dead.keep(letter))
        return letter.id


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> Deployed:
    made = Deployed()

    def acting(
        chosen: argparse.Namespace, act: Callable[[Deployment, argparse.Namespace], Awaitable[int]]
    ) -> int:
        async def run() -> int:
            return await act(made.seen_from_outside, chosen)

        return asyncio.run(run())

    monkeypatch.setattr(deployment, "acting", acting)
    return made


def asked(deployed: Deployed) -> list[str]:
    messages = deployed.jobs.take()
    assert {message.body["job"] for message in messages} <= {REPLAY}
    return [message.body["arguments"]["letter"] for message in messages]


def test_letters_are_listed_with_who_and_why_and_without_secrets(
    deployed: Deployed, capsys: pytest.CaptureFixture[str]
) -> None:
    letter = deployed.keep("shop.ship", attempts=8, topic="shop.sold#7", sequence=3)
    assert main(["events", "dead-letters"]) == 0
    said = capsys.readouterr().out
    assert all(part in said for part in (letter, "shop: shop.ship", "the password is …", "shop.sold#7", "8"))
    assert main(["events", "dead-letters", "--json", "--kind", "record"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_nothing_is_said_to_be_dead_where_nothing_is(
    deployed: Deployed, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["events", "dead-letters"]) == 0
    assert capsys.readouterr().out == "There are no dead letters.\n"


def test_all_that_is_dead_is_asked_for_and_not_what_is_still_tried(deployed: Deployed) -> None:
    dead = {deployed.keep(f"h{number}") for number in range(3)}
    deployed.keep("tried", state="waiting")
    assert main(["events", "replay", "--all"]) == 0
    assert set(asked(deployed)) == dead


def test_one_is_asked_for_by_its_id_and_a_wrong_id_is_named(
    deployed: Deployed, capsys: pytest.CaptureFixture[str]
) -> None:
    letter = deployed.keep("h")
    assert main(["events", "replay", letter, letter, "handler-none"]) == 1
    assert asked(deployed) == [letter]
    assert "there is no dead letter handler-none" in capsys.readouterr().err


@pytest.mark.parametrize("wish", [[], ["handler-1", "--all"]])
def test_a_replay_says_which(deployed: Deployed, wish: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["events", "replay", *wish]) == 2
    assert "say which letters" in capsys.readouterr().err
    assert asked(deployed) == []
