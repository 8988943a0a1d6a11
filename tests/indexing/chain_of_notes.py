"""A chain on which contracts write notes, and a projection that keeps them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, cast

from colonnade.chain_logs import ChainLogs, IndexedTransaction
from colonnade.chains import BASE, ChainHistory, LogFilter
from colonnade.context import Context
from colonnade.core_events import ChainHeadMoved
from colonnade.cursors import CursorSigner
from colonnade.entities import Entity
from colonnade.events import Event, event
from colonnade.evm import Address
from colonnade.ids import UlidIds
from colonnade.indexing.indexer import Indexer
from colonnade.outbox import OUTBOX
from colonnade.services import Services
from colonnade.store import Item, Store, Value
from colonnade.testing.clock import FrozenClock
from colonnade.testing.scripted_chain import ScriptedChain, ScriptedChains
from colonnade.testing.scripted_ledger import Emitted

WRITER: Final = Address("0x1111111111111111111111111111111111111111")
SENDER: Final = Address("0x2222222222222222222222222222222222222222")
NOTE: Final = b"\x01" * 32
OTHER: Final = b"\x02" * 32

NOTES: Final = Entity("notes", "Note", partition="all", sort="{block:020d}/{index:05d}")


@event("notes.written")
class Written(Event):
    text: str


@event("notes.retracted")
class Retracted(Event):
    text: str


async def keep(context: Context, found: IndexedTransaction) -> Sequence[Item]:
    """A row for each note."""
    return [
        NOTES.item({"block": log.block_number, "index": log.index, "text": log.data.decode()})
        for log in found.logs
    ]


def announce(row: Item) -> Sequence[Event]:
    return [Written(text=str(row.attributes["text"]))]


def retract(row: Item) -> Sequence[Event]:
    return [Retracted(text=str(row.attributes["text"]))]


PROJECTION: Final = ChainLogs(
    "notes", BASE, (NOTE,), keep, announce=announce, retract=retract, entities=(NOTES,)
)


@dataclass(slots=True)
class World:
    """A chain, a store, and what is written where."""

    store: Store
    clock: FrozenClock = field(default_factory=FrozenClock)
    chain: ScriptedChain = field(default_factory=ScriptedChain)
    ids: UlidIds = field(init=False)

    def __post_init__(self) -> None:
        self.ids = UlidIds(self.clock)

    @property
    def history(self) -> ChainHistory:
        return self.chain.history()

    def context(self, store: Store | None = None) -> Context:
        return Context(
            request_id="index",
            store=store or self.store,
            chains=ScriptedChains(self.chain),
            services=Services({}),
            clock=self.clock,
            ids=self.ids,
            cursors=CursorSigner(b"k" * 32),
        )

    def indexer(self, context: Context | None = None, projection: ChainLogs = PROJECTION) -> Indexer:
        return Indexer(context or self.context(), self.history, [projection], start=1)

    def write(self, *texts: str, topic: bytes = NOTE) -> bytes:
        """A transaction that waits, with a note for each text."""
        notes = [Emitted(WRITER, (topic,), text.encode()) for text in texts]
        return self.chain.submit(SENDER, WRITER, b"", logs=notes)

    async def index(self, indexer: Indexer | None = None) -> None:
        """Index until nothing is left to do."""
        indexer = indexer or self.indexer()
        while await indexer.advance(await self.history.head()):
            pass

    async def on_chain(self) -> list[str]:
        """The notes of the canonical chain, in its order."""
        logs = await self.history.logs(LogFilter((), (NOTE,)), 1, self.chain.block.number)
        return [log.data.decode() for log in logs]

    async def kept(self) -> list[str]:
        """The notes that are kept, in their order."""
        page = await self.store.query(NOTES.query(limit=1_000))
        return [str(item.attributes["text"]) for item in page.items]

    async def told(self, kind: type[Written] | type[Retracted]) -> list[str]:
        """The texts of the events of one kind, sorted."""
        page = await self.store.query(OUTBOX.query(topic=kind.topic(), limit=1_000))
        payloads = [cast("Mapping[str, Value]", item.attributes["payload"]) for item in page.items]
        return sorted(kind.of(payload).text for payload in payloads)

    async def heads(self) -> list[ChainHeadMoved]:
        """The heads that were announced, in their order."""
        page = await self.store.query(OUTBOX.query(topic=ChainHeadMoved.topic(BASE), limit=1_000))
        payloads = [cast("Mapping[str, Value]", item.attributes["payload"]) for item in page.items]
        return [ChainHeadMoved.of(payload) for payload in payloads]
