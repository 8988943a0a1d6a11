"""Processes that deliver are killed, by SIGKILL, by what a document executes, on DynamoDB Local: its followers alone miss it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from colonnade.subscriptions.caution import ENDED, TRIES
from colonnade.testing import FrozenClock
from infra.dynamodb import DynamoDBSettings, DynamoDBStore
from infra.local.toolchain import ROOT
from tests.subscriptions.applause import Applauded
from tests.subscriptions.stage import Stage

MOST = 12
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


async def test_whoever_it_kills_everybody_else_is_shown_everything(
    dynamodb: DynamoDBSettings, tmp_path: Path
) -> None:
    clock = FrozenClock()
    store = DynamoDBStore(dynamodb, clock)
    stage = Stage(clock=clock, store=store)
    creator, sent = "killed-by", tmp_path / "sent"
    poisoned, well = [await stage.connect(None, f"{name}=") for name in ("poisoned", "well")]
    await stage.follow(poisoned, APPLAUDED, of=creator)
    await stage.follow(well, HEARD, of=creator)
    assert stage.heard(poisoned) == stage.heard(well) == []
    topic = Applauded.topic(creator)
    through = await stage.publish("one", "two", "three", creator=creator)
    given = {
        "endpoint": dynamodb.endpoint_url,
        "table": dynamodb.table,
        "key": dynamodb.access_key,
        "sent": str(sent),
        "topic": topic,
        "through": through,
    }

    statuses: list[int] = []
    while 0 not in statuses and len(statuses) < MOST:
        statuses.append(started({**given, "brought_again": bool(statuses)}).wait(120))

    assert statuses == [-signal.SIGKILL] * (TRIES + 1) + [0]
    assert told(sent) == {poisoned: ["one", "INTERNAL", "three"], well: ["one", "two", "three"]}
    letters = [letter for letter in (await stage.ports.dead.listed("showing"))[0] if letter.topic == topic]
    assert [(letter.sequence, letter.reason) for letter in letters] == [(2, ENDED)]
    store.close()
