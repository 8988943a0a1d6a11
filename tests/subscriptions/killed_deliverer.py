"""A process that delivers from DynamoDB Local, and is killed by what it executes: `python -m …killed_deliverer JSON`."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from colonnade.publishing import Delivery
from colonnade.testing import FrozenClock
from infra.dynamodb import DynamoDBSettings, DynamoDBStore
from tests.subscriptions.applause import endings
from tests.subscriptions.stage import Stage

POISON = "applauded two"


class Written:
    """Sockets whose messages are lines of a file, whatever becomes of the process afterwards."""

    def __init__(self, file: Path) -> None:
        self._file = file

    async def post(self, connection_id: str, text: str) -> None:
        with self._file.open("a") as file:
            file.write(json.dumps([connection_id, json.loads(text)]) + "\n")

    async def close(self, connection_id: str) -> None:
        """Nobody is closed here."""


def deliver(
    endpoint: str, table: str, key: str, sent: str, topic: str, through: int, brought_again: bool
) -> None:
    """Deliver once."""
    endings[POISON] = lambda: os.kill(os.getpid(), signal.SIGKILL)
    clock = FrozenClock()
    store = DynamoDBStore(DynamoDBSettings.local(endpoint, table, access_key=key), clock)
    stage = Stage(clock=clock, store=store)
    stage.use(stage.ports_over(store, Written(Path(sent)), stage.log))
    asyncio.run(stage.deliverer.deliver(Delivery(topic, through, brought_again=brought_again)))
    store.close()


if __name__ == "__main__":
    given: dict[str, Any] = json.loads(sys.argv[1])
    deliver(**given)
