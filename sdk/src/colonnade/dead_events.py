"""Dead letters of events: what could not be taken, each with who failed at it, why, since when and how often.

| kind       | what it is                                                        | what a replay does                        |
|------------|-------------------------------------------------------------------|-------------------------------------------|
| `handler`  | an event that a handler cannot take, kept with all it says        | gives it to the handler again             |
| `record`   | a record of the table's stream that is no event                   | reads the record again, and relays it     |
| `delivery` | a topic whose deliveries fail                                     | delivers what is missing                  |
| `showing`  | an event that could not be shown to those who follow it           | shows it to those who are there now       |

A handler's letter is written when the event is set aside, while attempts still follow by themselves (`waiting`); it is
`dead` when the last of them failed. What succeeds takes its letter away, in the transaction of what it writes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, cast

from colonnade.conditions import absent, attribute, exists
from colonnade.entities import Entity, Index
from colonnade.errors import ConditionFailed, StoreError
from colonnade.events import Published
from colonnade.plugin import PROJECT
from colonnade.store import Delete, Key, Position, Put, Store, Update, Value, Writes

if TYPE_CHECKING:
    from colonnade.context import Clock

Kind: TypeAlias = Literal["handler", "record", "delivery", "showing"]
State: TypeAlias = Literal["waiting", "dead"]

KINDS: Final[tuple[Kind, ...]] = ("handler", "record", "delivery", "showing")

KEPT: Final = timedelta(days=30)
"""How long after its last attempt a letter can be replayed."""

MOST_REASON: Final = 500

DEAD_EVENT: Final = Entity(
    PROJECT,
    "DeadEvent",
    partition="{id}",
    indexes=(Index("listed", "gsi1", partition="{kind}", sort="{since}/{id}"),),
    serves=("a dead letter", "dead letters of a kind, newest first"),
    expires=True,
)


@dataclass(frozen=True, slots=True)
class DeadEvent:
    """A letter. `who`: the plugin and its handler, or the part of the platform; `since`, `last`: the first and the last
    failure, ISO 8601 in UTC; `content`: what a replay needs.
    """

    id: str
    kind: Kind
    state: State
    who: str
    reason: str
    attempts: int
    since: str
    last: str
    topic: str = ""
    sequence: int = 0
    event: str = ""
    content: Mapping[str, Value] = field(default_factory=dict[str, Value])

    @property
    def key(self) -> Key:
        return DEAD_EVENT.key(id=self.id)

    def put(self, expires_at: int) -> Put:
        """The write that keeps it."""
        row: dict[str, Value] = {name: getattr(self, name) for name in DeadEvent.__dataclass_fields__}
        return DEAD_EVENT.put(row, expires_at=expires_at)

    def taken_away(self) -> Delete:
        """The write that takes it away, once."""
        return Delete(self.key, exists())

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> DeadEvent:
        """The letter that a row keeps."""
        return cls(**{name: row[name] for name in cls.__dataclass_fields__ if name in row})


@dataclass(frozen=True, slots=True)
class DeadEvents:
    """Where dead letters are kept. `hide`: a reason without the deployment's secrets."""

    store: Store
    clock: Clock
    hide: Callable[[str], str] = str

    def letter(self, kind: Kind, named: Sequence[str], who: str, reason: str, **what: Any) -> DeadEvent:
        """A new letter; what has the same kind and names is the same letter."""
        now = self.clock.now().isoformat()
        given: dict[str, Any] = {"state": "dead", "attempts": 1, **what}
        return DeadEvent(
            letter_id(kind, *named),
            kind,
            who=who,
            reason=self.hide(reason)[:MOST_REASON],
            since=now,
            last=now,
            **given,
        )

    def put(self, letter: DeadEvent) -> Put:
        """The write that keeps a letter for as long as one is kept."""
        return letter.put(self._expiry())

    async def keep(self, letter: DeadEvent) -> bool:
        """Keep a letter, or count one more failure of one that is kept; whether it is new."""
        new = self.put(letter)
        try:
            await self.store.transact(Writes([Put(new.item, absent())]))
        except ConditionFailed:
            await self.failed(letter.id, letter.reason)
            return False
        return True

    async def failed(
        self, letter: str, reason: str, dead_from: int = 1, counted: int | None = None
    ) -> DeadEvent | None:
        """Count another failure; the letter, `dead` from so many attempts on. None if it was taken away meanwhile.

        `counted`: how many there are with this one, where that was counted before it was made.
        """
        found = await self.get(letter)
        if found is None:
            return None
        attempts = found.attempts + 1 if counted is None else max(counted, found.attempts)
        state: State = "dead" if attempts >= dead_from else "waiting"
        now = self.clock.now().isoformat()
        after = replace(
            found, attempts=attempts, state=state, reason=self.hide(reason)[:MOST_REASON], last=now
        )
        update = Update(
            found.key,
            set={"attempts": attempts, "state": state, "reason": after.reason, "last": now},
            condition=attribute("attempts").equals(found.attempts),
            expires_at=self._expiry(),
        )
        try:
            await self.store.transact(Writes([update]))
        except ConditionFailed:
            return await self.get(letter)  # somebody else failed at it, or succeeded, at the same moment
        return after

    async def uncounted(self, letter: str, reason: str, counted: int) -> None:
        """Take back attempt `counted`, which failed at nothing of its own."""
        same = attribute("attempts").equals(counted)
        fewer: dict[str, Value] = {
            "attempts": counted - 1,
            "state": "waiting",
            "reason": self.hide(reason)[:MOST_REASON],
        }
        try:
            await self.store.transact(Writes([Update(DEAD_EVENT.key(id=letter), set=fewer, condition=same)]))
        except StoreError:
            return  # It stays counted: at the edge of an outage, one attempt at most.

    async def get(self, letter: str) -> DeadEvent | None:
        """A letter by its id, or None."""
        item = await self.store.get(DEAD_EVENT.key(id=letter))
        return None if item is None else DeadEvent.of(cast(Any, item.attributes))

    async def take_away(self, letter: str) -> None:
        """Forget a letter; one that is gone is no error."""
        await self.store.transact(Writes([Delete(DEAD_EVENT.key(id=letter))]))

    async def listed(
        self, kind: Kind, limit: int = 100, after: Position | None = None
    ) -> tuple[Sequence[DeadEvent], Position | None]:
        """Letters of a kind, newest first, and where the next page begins."""
        query = DEAD_EVENT.query("listed", kind=kind, limit=limit, descending=True)
        page = await self.store.query(replace(query, after=after))
        return [DeadEvent.of(cast(Any, item.attributes)) for item in page.items], page.next

    def _expiry(self) -> int:
        return int((self.clock.now() + KEPT).timestamp())


def letter_id(kind: Kind, *named: str) -> str:
    """The id of the letter of a kind with these names."""
    digest = hashlib.sha256("\0".join(named).encode()).hexdigest()
    return f"{kind}-{digest[:24]}"


def event_of(letter: DeadEvent) -> Published:
    """The event that a handler's letter keeps."""
    kept = cast("Mapping[str, Any]", letter.content)
    return Published(
        letter.event,
        kept["name"],
        letter.topic,
        letter.sequence,
        kept["payload"],
        datetime.fromisoformat(kept["at"]),
    )
