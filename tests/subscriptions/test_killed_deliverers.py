"""Processes that deliver are killed, by SIGKILL, by what a document executes, on DynamoDB Local: its followers alone miss it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from colonnade.subscriptions.caution import ENDED, TRIES
from colonnade.testing import FrozenClock
from infra.dynamodb import DynamoDBSettings, DynamoDBStore
from infra.local.toolchain import ROOT
from tests.subscriptions.applause import Applauded
from tests.subscriptions.stage import Stage

MOST = 12
LEFT = 1
"""The status of a process that found another at the same, and raised."""

APPLAUDED = "subscription ($of: ID!) { applauded(creator: $of) { node { text } } }"
HEARD = "subscription ($of: ID!) { heard(creator: $of) { node { text } } }"


def started(given: dict[str, Any]) -> subprocess.Popen[bytes]:
    """A process that delivers."""
    command = [sys.executable, "-m", "tests.subscriptions.killed_deliverer", json.dumps(given)]
    return subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'sdk' / 'src'}"}
    )


def told(sent: Path) -> dict[str, list[str]]:
    """What each connection was sent, each message once: a text, or the code of its error."""
    found: dict[str, list[str]] = {}
    for line in sent.read_text().splitlines():
        connection, message = json.loads(line)
        payload = message["payload"]
        errors = payload.get("errors")
        said = (
            errors[0]["extensions"]["code"]
            if errors
            else next(iter(payload["data"].values()))["node"]["text"]
        )
        if said not in found.setdefault(connection, []):
            found[connection].append(said)
    return found


@dataclass(frozen=True)
class Scene:
    """Two who follow one creator, of whom one document ends whatever executes it at the second of three events."""

    stage: Stage
    store: DynamoDBStore
    given: dict[str, Any]
    poisoned: str
    well: str

    def attempt(self, *, brought_again: bool) -> subprocess.Popen[bytes]:
        """A process that delivers."""
        return started({**self.given, "brought_again": brought_again})

    async def end(self) -> None:
        """See that its followers alone missed the event, and that there is one letter of it."""
        assert told(Path(self.given["sent"])) == {
            self.poisoned: ["one", "INTERNAL", "three"],
            self.well: ["one", "two", "three"],
        }
        letters = (await self.stage.ports.dead.listed("showing"))[0]
        topic = self.given["topic"]
        assert [(of.sequence, of.reason) for of in letters if of.topic == topic] == [(2, ENDED)]
        self.store.close()


async def scene(dynamodb: DynamoDBSettings, creator: str, sent: Path) -> Scene:
    clock = FrozenClock()
    store = DynamoDBStore(dynamodb, clock)
    stage = Stage(clock=clock, store=store)
    poisoned, well = [await stage.connect(None, f"{name}-{creator}=") for name in ("poisoned", "well")]
    await stage.follow(poisoned, APPLAUDED, of=creator)
    await stage.follow(well, HEARD, of=creator)
    assert stage.heard(poisoned) == stage.heard(well) == []
    given = {
        "endpoint": dynamodb.endpoint_url,
        "table": dynamodb.table,
        "key": dynamodb.access_key,
        "sent": str(sent),
        "topic": Applauded.topic(creator),
        "through": await stage.publish("one", "two", "three", creator=creator),
    }
    return Scene(stage, store, given, poisoned, well)


async def test_whoever_it_kills_everybody_else_is_shown_everything(
    dynamodb: DynamoDBSettings, tmp_path: Path
) -> None:
    made = await scene(dynamodb, "killed-by", tmp_path / "sent")
    statuses: list[int] = []
    while 0 not in statuses and len(statuses) < MOST:
        statuses.append(made.attempt(brought_again=bool(statuses)).wait(120))

    assert statuses == [-signal.SIGKILL] * (TRIES + 1) + [0]
    await made.end()


async def test_of_two_that_deliver_at_once_as_many_are_killed_and_each_once_that_nobody_counted(
    dynamodb: DynamoDBSettings, tmp_path: Path
) -> None:
    """Whoever is brought again counts before it executes, on condition that nobody else has: so `TRIES` are killed that
    counted, whichever of the two they are of, and at most the first of each, which does not. Whoever finds that the other has
    counted goes, is brought again, and was not killed; that happens once for each time the other counts.
    """
    made = await scene(dynamodb, "killed-at-once", tmp_path / "sent")
    statuses: dict[str, list[int]] = {"one": [], "other": []}
    running = {name: made.attempt(brought_again=False) for name in statuses}
    while running:
        for name, process in list(running.items()):
            try:
                status = process.wait(0.02)
            except subprocess.TimeoutExpired:
                continue
            statuses[name].append(status)
            if status == 0 or len(statuses[name]) >= MOST:
                del running[name]
            else:
                running[name] = made.attempt(brought_again=True)

    ended = [status for found in statuses.values() for status in found]
    assert set(ended) <= {0, LEFT, -signal.SIGKILL}
    assert [found[-1] for found in statuses.values()] == [0, 0]
    assert TRIES + 1 <= ended.count(-signal.SIGKILL) <= TRIES + len(statuses)
    await made.end()
