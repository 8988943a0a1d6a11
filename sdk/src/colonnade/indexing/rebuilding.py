"""Making a projection's rows anew, beside those that serve: `colonnade index rebuild`.

The indexer itself builds the new generation, as one more track of its pass, and lets it serve once it has come as far as
the other. What is here starts that, says how far it is, and deletes rows of generations that serve no longer, all as an
`Operation`: whoever is killed is followed by whoever runs it again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from colonnade.chain_logs import ChainLogs
from colonnade.errors import ConfigurationError
from colonnade.indexing.generations import Generations, entity_of, filters_of
from colonnade.indexing.journal import CHECKPOINT, Checkpoint
from colonnade.indexing.serving import KNOWN, raw
from colonnade.indexing.tracks import closed, generations_of, is_closed, track_name
from colonnade.scanning import Scanner
from colonnade.store import Delete, Key, Writes
from colonnade.work.operations import Operation, Running, id_of

if TYPE_CHECKING:
    from colonnade.context import Context

NAME: Final = "index.rebuild"
"""What operations are called that rebuild a projection; their key is its track."""

GRACE: Final = int(6 * KNOWN)
"""Seconds for which rows of a generation stay after another serves: processes may go by what they read before."""

PAGE: Final = 1_000
_TOGETHER: Final = 100


async def begin(context: Context, projection: ChainLogs, start: int | None) -> tuple[Operation, int]:
    """Start to rebuild a projection from the block `start`, or from its own: the operation, and the generation that is
    built. Those that are under way, if a rebuild is.

    Raises `ConfigurationError` for a projection that cannot be, and `ConditionFailed` where another began meanwhile.
    """
    known = (await generations_of(raw(context.store), [projection])).get(projection.name)
    if known is None:
        raise ConfigurationError(f"{projection.name} is not indexed yet: there is nothing to rebuild")
    if not projection.entities:
        raise ConfigurationError(
            f"{projection.name} names no `entities`, so that its rows cannot be put aside: its plugin has to name them"
        )
    if known.building is not None:
        key = track_name(projection.name, known.building)
        return await context.operations.start(NAME, key=key), known.building
    last = await context.operations.find(id_of(NAME, track_name(projection.name, known.serving)))
    if last is not None and not last.status.ended:
        return last, known.serving
    changed = known.build(filters_of(projection), start)
    generation = cast(int, changed.building)
    key = track_name(projection.name, generation)
    operation, writes = context.operations.starting(NAME, key=key, note="waits for the indexer")
    await raw(context.store).transact(Writes([changed.put()]) + writes)
    return operation, generation


@dataclass(frozen=True, slots=True)
class Rebuild:
    """The operator's part of a rebuild. `pause`: seconds between two looks at the indexer's."""

    context: Context
    scanner: Scanner
    projection: ChainLogs
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    pause: float = 2.0

    async def follow(self, running: Running, generation: int) -> None:
        """See the rebuilding of a generation to its end. Raises `OperationLost` once it is in other hands, and `StoreError`."""
        while True:
            known = (await generations_of(raw(self.context.store), [self.projection])).get(
                self.projection.name
            )
            if known is None or generation not in {known.building, known.serving}:
                await running.fail("another generation is built in its place: rebuild again")
                return
            if known.serving == generation:
                break
            await self._tell(running, known, generation)
            await self.sleep(self.pause)
        switched = (running.operation.cursor or {}).get("switched")
        now = int(self.context.clock.now().timestamp())
        if switched is None:
            switched = now
            await running.advance(running.operation.done, note="serves", cursor={"switched": switched})
        await self.sleep(max(0, switched + GRACE - now))
        deleted = await self.sweep(running)
        await running.succeed(f"serves; {deleted} rows of earlier generations are deleted")

    async def sweep(self, running: Running | None = None) -> int:
        """Delete the rows of all generations that serve no longer; how many these were."""
        store, deleted = raw(self.context.store), 0
        while True:
            known = (await generations_of(store, [self.projection])).get(self.projection.name)
            if known is None or not known.retired:
                return deleted
            generation = known.retired[0]
            await self._close(generation)
            deleted += await self._delete(generation, running)
            await store.transact(Writes([known.forget(generation).put()]))

    async def _close(self, generation: int) -> None:
        """Let nobody write to a generation again who does not know yet that it was given up."""
        store, chain = raw(self.context.store), self.projection.chain_id
        track = track_name(self.projection.name, generation)
        item = await store.get(CHECKPOINT.key(chain=chain, track=track))
        here = (
            Checkpoint(chain, track, 0, b"") if item is None else Checkpoint.of(chain, track, item.attributes)
        )
        if not is_closed(here):
            await store.transact(Writes([here.move(closed(here))]))

    async def _delete(self, generation: int, running: Running | None) -> int:
        deleted = 0
        for entity in self.projection.entities:
            after: Key | None = None
            while True:
                page = await self.scanner.scan(entity_of(entity, generation), after=after, limit=PAGE)
                for at in range(0, len(page.items), _TOGETHER):
                    rows = page.items[at : at + _TOGETHER]
                    await raw(self.context.store).transact(Writes(Delete(row.key) for row in rows))
                deleted += len(page.items)
                if running is not None:
                    await running.advance(running.operation.done, note=f"deleted {deleted} rows")
                if page.next is None:
                    break
                after = page.next
        return deleted

    async def _tell(self, running: Running, known: Generations, generation: int) -> None:
        """Say how far the indexer is."""
        chain, name = self.projection.chain_id, self.projection.name
        keys = {
            one: CHECKPOINT.key(chain=chain, track=track_name(name, one))
            for one in (known.serving, generation)
        }
        found = await raw(self.context.store).batch_get(list(keys.values()))
        at = {one: cast(int, found[key].attributes["number"]) for one, key in keys.items() if key in found}
        if generation not in at or known.serving not in at:
            await running.advance(0, note="waits for the indexer")
            return
        cursor = dict(running.operation.cursor or {})
        first = cast(int, cursor.setdefault("first", at[generation]))
        total = max(0, at[known.serving] - first)
        done = min(total, max(0, at[generation] - first))
        await running.advance(done, total, note=f"blocks up to {at[generation]}", cursor=cursor)
