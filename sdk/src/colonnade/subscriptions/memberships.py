"""Who is connected, and what each connection follows: every change is one conditional transaction."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, cast

from colonnade.conditions import absent, attribute, exists
from colonnade.errors import ConditionFailed
from colonnade.permissions import Principal
from colonnade.store import Delete, Item, Page, Put, Query, Update, Write, Writes
from colonnade.subscriptions.groups import principal_of_row, principal_row
from colonnade.subscriptions.rows import CONNECTED, CONNECTION, SUBSCRIBER, SUBSCRIPTION, TOMBSTONE

if TYPE_CHECKING:
    from colonnade.subscriptions.ports import SubscriptionPorts

_MOST_TOGETHER: Final = 90

_GOES_ON: Final = exists() & attribute("state").equals("acknowledged")
_MAY_FOLLOW: Final = _GOES_ON & attribute("refusal").absent()


@dataclass(frozen=True, slots=True)
class Connected:
    """An acknowledged connection. `refusal`: why it may follow nothing, although it stays open; `active`: how many
    subscriptions it has."""

    id: str
    principal: Principal | None
    refusal: str | None
    active: int
    expires_at: int


class Begun(Enum):
    """What became of a `subscribe`."""

    YES = "YES"
    COMPLETED = "COMPLETED"
    """The client had completed it before."""
    ID_IN_USE = "ID_IN_USE"
    TOO_MANY = "TOO_MANY"
    REFUSED = "REFUSED"
    """The connection's credential was revoked."""
    OVER = "OVER"
    """The connection has ended."""


class Memberships:
    """The rows of connections and of what they follow."""

    def __init__(self, ports: SubscriptionPorts) -> None:
        self._ports = ports
        self._store = ports.store

    async def acknowledge(
        self, connection: str, principal: Principal | None, refusal: str | None, source_ip: str
    ) -> bool:
        """Write down who a connection speaks for; False where it has said so before, or has ended."""
        row = {
            "connection": connection,
            "state": "acknowledged",
            "principal": principal_row(principal),
            "credential": principal.credential if principal else None,
            "source_ip": source_ip,
            "active": 0,
            "buried": 0,
            **({} if refusal is None else {"refusal": refusal}),
        }
        expires_at = self._ports.now() + int(CONNECTED.total_seconds())
        put = CONNECTION.put(cast(Any, row), condition=absent(), expires_at=expires_at)
        try:
            await self._store.transact(Writes([put]))
        except ConditionFailed:
            return False
        return True

    async def connected(self, connection: str) -> Connected | None:
        """The connection, if it was acknowledged and has not ended."""
        item = await self._store.get(CONNECTION.key(connection=connection))
        if item is None or item.attributes["state"] != "acknowledged":
            return None
        row = item.attributes
        return Connected(
            connection,
            principal_of_row(row["principal"]),
            cast("str | None", row.get("refusal")),
            cast(int, row["active"]),
            item.expires_at or 0,
        )

    async def is_known(self, connection: str) -> bool:
        """Whether a connection was ever acknowledged, or has ended."""
        return await self._store.get(CONNECTION.key(connection=connection)) is not None

    async def begin(self, subscription: Put, subscribers: Sequence[Put], connection: str) -> Begun:
        """Store a subscription with its places in its topics, if the connection may follow one more."""
        may = _MAY_FOLLOW & attribute("active").below(self._ports.limits.subscriptions)
        joining = Update(CONNECTION.key(connection=connection), add={"active": 1}, condition=may)
        try:
            await self._store.transact(Writes([joining, subscription, *subscribers]))
        except ConditionFailed as error:
            return await self._why(error, subscription, connection)
        return Begun.YES

    async def _why(self, error: ConditionFailed, subscription: Put, connection: str) -> Begun:
        if 0 in error.failed:
            row = error.failed[0]
            if row is None or row["state"] != "acknowledged":
                return Begun.OVER
            return Begun.REFUSED if "refusal" in row else Begun.TOO_MANY
        found = error.failed.get(1)
        if found is None or found["state"] != "completed":
            return Begun.ID_IN_USE
        tombstone = Delete(subscription.key, attribute("state").equals("completed"))
        fewer = Update(CONNECTION.key(connection=connection), add={"buried": -1}, condition=_GOES_ON)
        try:
            await self._store.transact(Writes([tombstone, fewer]))
        except ConditionFailed as failure:
            return Begun.ID_IN_USE if 0 in failure.failed else Begun.OVER
        return Begun.COMPLETED

    async def complete(self, connection: str, subscription_id: str) -> None:
        """End a subscription, or the one that is still on its way.

        What is on its way is remembered for a minute, and only of a connection that may follow something, and does
        not have too much of it remembered: otherwise its client could write rows without end.
        """
        key = SUBSCRIPTION.key(connection=connection, id=subscription_id)
        while True:
            item = await self._store.get(key)
            if item is not None and item.attributes["state"] == "completed":
                return
            if item is not None and await self._remove(item):
                return
            if item is None and await self._bury(connection, subscription_id):
                return

    async def drop(self, connection: str, subscription_id: str, nonce: str) -> None:
        """End a subscription that the server gives up: this one, and none that took its id since."""
        item = await self._store.get(SUBSCRIPTION.key(connection=connection, id=subscription_id))
        if item is not None and item.attributes.get("nonce") == nonce:
            await self._remove(item)

    async def end(self, connection: str) -> None:
        """Forget everything a connection follows, and whatever may still come of it."""
        row = {"connection": connection, "state": "closed", "credential": None}
        expires_at = self._ports.now() + int(CONNECTED.total_seconds())
        await self._store.transact(Writes([CONNECTION.put(cast(Any, row), expires_at=expires_at)]))
        # Nothing can be added from here on: a subscription begins on condition that its connection goes on.
        writes: list[Write] = []
        async for item in self.followed(connection):
            more: list[Write] = [Delete(item.key), *_places(item)]
            if len(writes) + len(more) > _MOST_TOGETHER:
                await self._store.transact(Writes(writes))
                writes = []
            writes += more
        await self._store.transact(Writes(writes))

    async def followed(self, connection: str) -> AsyncIterator[Item]:
        """The subscriptions of a connection, tombstones included."""
        query = SUBSCRIPTION.query(connection=connection)
        async for page in pages(self._ports, query):
            for item in page.items:
                yield item

    async def _remove(self, item: Item) -> bool:
        """Remove a subscription with its places; False if it is another by now."""
        connection = cast(str, item.attributes["connection"])
        writes: list[Write] = [
            Delete(item.key, attribute("nonce").equals(item.attributes["nonce"])),
            *_places(item),
        ]
        leaving = Update(
            CONNECTION.key(connection=connection),
            add={"active": -1},
            condition=_GOES_ON,
        )
        try:
            await self._store.transact(Writes([*writes, leaving]))
        except ConditionFailed as error:
            if 0 in error.failed:
                return False
            return await self._remove_alone(writes)
        return True

    async def _remove_alone(self, writes: Sequence[Write]) -> bool:
        try:
            await self._store.transact(Writes(writes))
        except ConditionFailed:
            return False
        return True

    async def _bury(self, connection: str, subscription_id: str) -> bool:
        """Whether that is settled; else somebody was faster, and it is to be looked at again."""
        row = {"connection": connection, "id": subscription_id, "state": "completed"}
        expires_at = self._ports.now() + int(TOMBSTONE.total_seconds())
        put = SUBSCRIPTION.put(row, condition=absent(), expires_at=expires_at)
        may = _MAY_FOLLOW & attribute("buried").below(self._ports.limits.buried)
        more = Update(CONNECTION.key(connection=connection), add={"buried": 1}, condition=may)
        try:
            await self._store.transact(Writes([more, put]))
        except ConditionFailed as error:
            return 0 in error.failed
        return True


async def pages(ports: SubscriptionPorts, query: Query) -> AsyncIterator[Page]:
    """The pages of a query, to its end."""
    after = query.after
    while True:
        page = await ports.store.query(
            Query(query.partition, query.index, query.sort, query.limit, query.descending, after)
        )
        yield page
        if page.next is None:
            return
        after = page.next


def _places(item: Item) -> list[Write]:
    row = item.attributes
    topics = cast("Sequence[str]", row.get("topics", ()))
    return [
        SUBSCRIBER.delete(
            topic=topic,
            group=cast(str, row["group"]),
            connection=cast(str, row["connection"]),
            id=cast(str, row["id"]),
        )
        for topic in topics
    ]
