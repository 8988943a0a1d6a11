"""Audiences of any size, written straight into the store: a row each where a subscribe takes several requests."""

from __future__ import annotations

from dataclasses import replace

from colonnade.permissions import Principal
from colonnade.store import Value, Write, Writes
from colonnade.subscriptions.groups import group_of
from colonnade.subscriptions.occurrences import Asking
from colonnade.subscriptions.parts import part_for, part_name
from colonnade.subscriptions.places import LIVE, Place
from colonnade.subscriptions.rows import DELIVERED
from colonnade.testing.scripted_connections import ScriptedConnections
from tests.subscriptions.stage import Stage

_TOGETHER = 100


async def audience(
    stage: Stage, document: str, size: int, *, principals: int = 1, parts: int = 1
) -> list[str]:
    """`size` connections that follow `document` live, of so many accounts; what they are called.

    `parts`: over how many of its parts the topic is spread, beginning with the next event. Sockets are opened where the
    stage's are scripted.
    """
    prepared = stage.server.operations.prepare(document, None)
    asking = Asking()
    await stage.server.operations.run(
        prepared, {}, stage.context("req_audience", None), "req_audience", root=asking
    )
    (topic,) = asking.topics
    until = stage.ports.now() + 7_200
    head = await stage.ports.log.head(topic)
    writes: list[Write] = []
    for part in range(parts):
        row: dict[str, Value] = {"topic": part_name(topic, part), "through": head}
        spread: dict[str, Value] = {"parts": parts, "parts_until": until} if part == 0 else {}
        writes.append(DELIVERED.put({**row, **spread}, expires_at=until))
    groups = [
        group_of(document, prepared, {}, asking, Principal(f"account-{number}"))
        for number in range(principals)
    ]
    writes += {group.id: group.put(until) for group in groups}.values()
    names = [f"audience-{number:08d}" for number in range(size)]
    for number, name in enumerate(names):
        group = groups[number % principals]
        place = Place(topic, group.id, name, "1", f"nonce-{number}", LIVE, since=head, next=head + 1)
        writes.append(replace(place, part=part_for(name, parts)).put(until))
        if isinstance(stage.sockets, ScriptedConnections):
            stage.sockets.open(name)
    for first in range(0, len(writes), _TOGETHER):
        await stage.kept.transact(Writes(writes[first : first + _TOGETHER]))
    return names
