"""Whether what stands behind the API answers, and how far behind it is. Told to everybody, so it names no address.

| part | answers | is behind by |
|---|---|---|
| database | a read of the rows below | |
| a chain | its newest blocks | the head's age, which the page shows |
| watch | the checkpoint of each projection | blocks from the last that all have indexed to the head |
| events | the heads that were announced, and those that the stream has brought | announcements it has not brought |
| queues | how many messages wait, where a queue can be asked cheaply: on a laptop; elsewhere alarms watch them | messages |
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol, TypeVar, cast, runtime_checkable

from colonnade.chains import BlockRef, ChainId
from colonnade.core_events import ChainHeadMoved
from colonnade.errors import ChainError, StoreError
from colonnade.indexing.backlog import NEAR, Backlog, backlogs
from colonnade.indexing.following import HEAD as ANNOUNCED
from colonnade.topic_log import HEAD as RELAYED

if TYPE_CHECKING:
    from colonnade.store import Item
    from handlers.runtime import Application

T = TypeVar("T")

SECONDS: Final = 2.0
"""How long a part may take to answer; what takes longer counts as down."""

KEPT: Final = 2.0
"""Seconds for which an answer is given again, so that no crowd before this page is one before the chain."""

BEHIND: Final = 5
"""Blocks or events from which a part counts as behind: one or two are always on their way."""


@dataclass(frozen=True, slots=True)
class ChainHealth:
    """One chain. `head`: its newest block, None where it does not answer; `safe` and `finalized`: heights.

    `indexed`: the height to which all that readers see is indexed, None where nothing is yet; `projections`: how far each
    is, what is built beside them included; `waiting`: events announced and not brought.
    """

    chain_id: ChainId
    head: BlockRef | None
    safe: int | None
    finalized: int | None
    indexed: int | None
    waiting: int | None
    projections: Sequence[Backlog] = ()

    @property
    def lag(self) -> int | None:
        """Blocks that are not indexed yet; None where that cannot be told."""
        if self.head is None or self.indexed is None:
            return None
        return max(0, self.head.number - self.indexed)

    @property
    def worries(self) -> Sequence[str]:
        """What is wrong with the index beside its lag, or waits for an operator; the worst first."""
        found: list[str] = []
        if unsure := [one.projection for one in self.projections if one.serves and one.unsure]:
            found.append(f"rows of another chain may be left: rebuild {', '.join(unsure)}")
        if (beyond := max((one.beyond for one in self.projections if one.serves), default=0)) > NEAR:
            found.append(f"the chain is {beyond:,} blocks shorter: the index waits")
        if mending := [one.projection for one in self.projections if one.mending]:
            found.append(f"{', '.join(mending)}: blocks are half written or half taken back")
        if retired := [one.projection for one in self.projections if one.retired]:
            found.append(f"old rows wait to be swept: {', '.join(retired)}")
        return found


@dataclass(frozen=True, slots=True)
class QueueHealth:
    """One queue. `waiting`: messages not done yet; `dead`: those that were given up."""

    name: str
    waiting: int
    dead: int


@dataclass(frozen=True, slots=True)
class Health:
    """What was found. `database`: whether it answers."""

    database: bool
    chains: Sequence[ChainHealth]
    queues: Sequence[QueueHealth] = ()


@runtime_checkable
class Countable(Protocol):
    """A queue that knows what it holds."""

    @property
    def name(self) -> str: ...

    @property
    def waiting(self) -> int: ...

    @property
    def dead(self) -> Sequence[str]: ...


class HealthCheck:
    """Looks at what stands behind one application; safe to use from several threads and event loops."""

    def __init__(
        self,
        application: Application,
        chains: Sequence[ChainId],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._adapters: Final = application.adapters
        self._projections: Final = [projection for _, projection in application.composition.chain_logs]
        self._chains: Final = chains
        self._now: Final = now
        self._found: tuple[float, Health] | None = None

    async def look(self) -> Health:
        """The health, at most two seconds old. Never raises for a part that is down."""
        found = self._found
        if found is None or self._now() - found[0] > KEPT:
            found = self._found = (self._now(), await self._look())
        return found[1]

    async def _look(self) -> Health:
        queues = self._queues()
        if not self._chains:
            return Health(await self._rows(ChainId(0)) is not None, (), queues)
        looks = await asyncio.gather(*map(self._look_at, self._chains))
        return Health(all(answered for answered, _ in looks), [chain for _, chain in looks], queues)

    def _queues(self) -> Sequence[QueueHealth]:
        queues = (self._adapters.queues.deliveries, self._adapters.queues.jobs)
        return [
            QueueHealth(queue.name, queue.waiting, len(queue.dead))
            for queue in queues
            if isinstance(queue, Countable)
        ]

    async def _look_at(self, chain: ChainId) -> tuple[bool, ChainHealth]:
        """Whether the database answered, and the chain."""
        rows, heads, told = await asyncio.gather(self._rows(chain), self._heads(chain), self._backlogs(chain))
        return rows is not None, _chain(chain, rows, heads, told or ())

    async def _backlogs(self, chain: ChainId) -> Sequence[Backlog] | None:
        return await _in_time(backlogs(self._adapters.store, chain, self._projections, None))

    async def _rows(self, chain: ChainId) -> _Rows | None:
        topic = ChainHeadMoved.topic(chain)
        keys = (ANNOUNCED.key(chain=chain), RELAYED.key(topic=topic))
        items = await _in_time(self._adapters.store.batch_get(keys))
        if items is None:
            return None
        announced, relayed = (items.get(key) for key in keys)
        return _Rows(_number(announced, "version"), _number(relayed, "last"))

    async def _heads(self, chain: ChainId) -> tuple[BlockRef, BlockRef, BlockRef] | None:
        return await _in_time(self._adapters.chains.history(chain).heads())


@dataclass(frozen=True, slots=True)
class _Rows:
    announced: int | None
    relayed: int | None


def _chain(
    chain: ChainId,
    rows: _Rows | None,
    heads: tuple[BlockRef, BlockRef, BlockRef] | None,
    told: Sequence[Backlog],
) -> ChainHealth:
    serving = [backlog.indexed for backlog in told if backlog.serves]
    indexed = min((number for number in serving if number is not None), default=None)
    head, safe, finalized = heads or (None, None, None)
    waiting = None
    if rows is not None and rows.announced is not None:
        waiting = max(0, rows.announced - (rows.relayed or 0))
    return ChainHealth(
        chain,
        head,
        safe.number if safe else None,
        finalized.number if finalized else None,
        None if None in serving else indexed,
        waiting,
        [one.with_head(head.number if head else None) for one in told],
    )


def _number(item: Item | None, attribute: str) -> int | None:
    return cast("int | None", item.attributes.get(attribute)) if item is not None else None


async def _in_time(answer: Awaitable[T]) -> T | None:
    """The answer, or None from a part that does not give one in time."""
    try:
        async with asyncio.timeout(SECONDS):
            return await answer
    except (ChainError, StoreError, TimeoutError):
        return None
