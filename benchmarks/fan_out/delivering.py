"""One deliverer in a process of its own: the audience is in the database, the gateway another process."""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

from colonnade.connections import Connections
from colonnade.testing import FrozenClock
from colonnade.topic_log import TopicLog
from infra.connections import ConnectionSettings, GatewayConnections
from infra.dynamodb import DynamoDBSettings, DynamoDBStore
from tests.subscriptions.applause import executions
from tests.subscriptions.stage import APPLAUDED, Stage
from tests.subscriptions.test_operations_counted import counted

DOCUMENTS: Final = {
    "shared": 'subscription { heard(creator: "ada") { node { text } } }',
    "distinct": APPLAUDED,
}


@dataclass(frozen=True, slots=True)
class Delivered:
    """One event: CPU time in seconds, what was asked of the database, and the most memory of the process in MiB."""

    kind: str
    subscribers: int
    cpu: float
    executions: int
    posts: int
    reads: int
    batches: int
    queries: int
    writes: int
    memory: float


def database(endpoint: str, table: str) -> DynamoDBSettings:
    """An engine on this machine that may take its time: how long it takes is not what is measured."""
    local = DynamoDBSettings.local(endpoint, table)
    return replace(local, connect_timeout=30.0, read_timeout=60.0, deadline=120.0)


def _most_memory() -> float:
    """The most that this process ever held, in MiB, as Linux says; `getrusage` would begin with what its parent held."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1_024 for line in lines if line.startswith("VmHWM:"))


@dataclass(slots=True)
class _Counting:
    """Posts, counted."""

    inner: Connections
    posts: int = 0

    async def post(self, connection_id: str, text: str) -> None:
        self.posts += 1
        await self.inner.post(connection_id, text)

    async def close(self, connection_id: str) -> None:
        await self.inner.close(connection_id)


async def delivered(
    settings: DynamoDBSettings, gateway: str, kind: str, subscribers: int, events: int
) -> Delivered:
    """Deliver so many events; the median of all but the first, which warms what is to be warm. One alone counts."""
    clock = FrozenClock()
    store = DynamoDBStore(settings, clock)
    stage = Stage(clock=clock, store=store)
    posting = GatewayConnections(
        ConnectionSettings(gateway, access_key="local", secret_key="local", read_timeout=60.0, deadline=120.0)  # noqa: S106
    )
    connections = _Counting(posting)
    stage.use(stage.ports_over(store, connections, TopicLog(store, clock)))
    counts = counted(stage).counts
    stage.use(stage.ports_over(stage.ports.store, connections, stage.ports.log))
    found: list[Delivered] = []
    for number in range(events):
        await stage.publish(f"event {number}")
        counts.clear()
        executions.clear()
        connections.posts = 0
        began = time.process_time()
        await stage.deliver()
        cpu = time.process_time() - began
        memory = _most_memory()
        found.append(
            Delivered(
                kind,
                subscribers,
                cpu,
                len(executions),
                connections.posts,
                reads=counts["get"],
                batches=counts["batch_get"],
                queries=counts["query"],
                writes=counts["transact"],
                memory=memory,
            )
        )
    posting.shut_down()
    store.close()
    counting = found[1:] or found
    middle = statistics.median_low(one.cpu for one in counting)
    return next(one for one in counting if one.cpu == middle)


if __name__ == "__main__":
    endpoint, table, url, of_kind, size, times = sys.argv[1:]
    made = asyncio.run(delivered(database(endpoint, table), url, of_kind, int(size), int(times)))
    print(json.dumps(asdict(made)))  # noqa: T201 (read by whoever started this)
