"""Who is connected, and what each connection follows: every change is one conditional transaction."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, cast

from colonnade.conditions import absent, attribute, exists
from colonnade.errors import ConditionFailed
from colonnade.permissions import Principal
from colonnade.store import Delete, Item, Page, Put, Query, Update, Value, Write, Writes
from colonnade.subscriptions import accounts
from colonnade.subscriptions.groups import principal_of_row, principal_row
from colonnade.subscriptions.looks import FIRST_LOOK, look_at
from colonnade.subscriptions.rows import (
    CONNECTED,
    CONNECTION,
    LEFT,
    SUBSCRIBER,
    SUBSCRIPTION,
    TOMBSTONE,
)

if TYPE_CHECKING:
    from colonnade.subscriptions.ports import SubscriptionPorts

_MOST_TOGETHER: Final = 90

_GOES_ON: Final = exists() & attribute("state").equals("acknowledged")
_MAY_FOLLOW: Final = _GOES_ON & attribute("refusal").absent()


@dataclass(frozen=True, slots=True)
class Connected:
    """An acknowledged connection. `refusal`: why it may follow nothing, although it stays open, and its code; `active`:
    how many subscriptions it has; `account`: whose count it is in; `expires_at`: when the gateway ends it at the latest.
    """

    id: str
    principal: Principal | None
    refusal: str | None
    active: int
    expires_at: int
    account: str | None = None
    code: str = "UNAUTHENTICATED"


class Begun(Enum):
    """What became of a `subscribe`."""

    YES = "YES"
    COMPLETED = "COMPLETED"
    """The client had completed it before."""
    ID_IN_USE = "ID_IN_USE"
    TOO_MANY = "TOO_MANY"
    TOO_MANY_OF_ACCOUNT = "TOO_MANY_OF_ACCOUNT"
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
        ends = self._ports.now() + int(CONNECTED.total_seconds())
        row: dict[str, Value] = {
            "connection": connection,
            "state": "acknowledged",
            "principal": principal_row(principal),
            "credential": principal.credential if principal else None,
            "account": principal.id if principal else None,
            "source_ip": source_ip,
            "active": 0,
            "buried": 0,
            "ends": ends,
            **({} if refusal is None else {"refusal": refusal}),
        }
        due = look_at(self._ports, connection, FIRST_LOOK)
        counted = [] if principal is None else [accounts.connects(self._ports, principal.id)]
        try:
            await self._store.transact(Writes([_connection(row, ends), due, *counted]))
        except ConditionFailed as error:
            if 0 in error.failed:
                return False
            code, reason = accounts.TOO_MANY_CONNECTIONS
            refused = {**row, "account": None, "credential": None, "refusal": reason, "code": code}
            try:
                await self._store.transact(Writes([_connection(refused, ends), due]))
            except ConditionFailed:
                return False
        return True

    async def connected(self, connection: str) -> Connected | None:
        """The connection, if it was acknowledged and has not ended."""
        item = await self._store.get(CONNECTION.key(connection=connection))
        if item is None or item.attributes["state"] != "acknowledged":
            return None
        row = cast("Mapping[str, Any]", item.attributes)
        ends = row.get("ends", item.expires_at or 0)
        if ends <= self._ports.now():
            return None
        return Connected(
            connection,
            principal_of_row(row["principal"]),
            row.get("refusal"),
            row["active"],
            ends,
            row.get("account"),
            row.get("code", "UNAUTHENTICATED"),
        )

    async def is_known(self, connection: str) -> bool:
        """Whether a connection was ever acknowledged, or has ended."""
        return await self._store.get(CONNECTION.key(connection=connection)) is not None

    async def begin(self, subscription: Put, subscribers: Sequence[Put], connection: str) -> Begun:
        """Store a subscription with its places in its topics, if the connection and its account may follow one more."""
        may = _MAY_FOLLOW & attribute("active").below(self._ports.limits.subscriptions)
        joining = Update(CONNECTION.key(connection=connection), add={"active": 1}, condition=may)
        account = cast("str | None", subscription.item.attributes.get("account"))
        counted = [] if account is None else [accounts.begins(self._ports, account)]
        try:
            await self._store.transact(Writes([joining, subscription, *counted, *subscribers]))
        except ConditionFailed as error:
            return await self._why(error, subscription, connection)
        return Begun.YES

    async def _why(self, error: ConditionFailed, subscription: Put, connection: str) -> Begun:
        if 0 in error.failed:
            row = error.failed[0]
            if row is None or row["state"] != "acknowledged":
                return Begun.OVER
            return Begun.REFUSED if "refusal" in row else Begun.TOO_MANY
        if 1 not in error.failed:
            return Begun.TOO_MANY_OF_ACCOUNT
        found = error.failed[1]
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
        while not await self._closed(connection):
            continue  # It has begun or completed something in between.
        # Nothing can be added from here on: a subscription begins on condition that its connection goes on.
        writes: list[Write] = []
        async for item in self.followed(connection):
            more: list[Write] = [Delete(item.key), *_places(item)]
            if len(writes) + len(more) > _MOST_TOGETHER:
                await self._store.transact(Writes(writes))
                writes = []
            writes += more
        await self._store.transact(Writes(writes))

    async def _closed(self, connection: str) -> bool:
        """Whether a connection is over, and counts no more; else something of it changed in between."""
        row = {"connection": connection, "state": "closed", "credential": None}
        expires_at = self._ports.now() + int(CONNECTED.total_seconds())
        item = await self._store.get(CONNECTION.key(connection=connection))
        condition = absent()
        counted: Update | None = None
        if item is not None:
            if item.attributes["state"] == "closed":
                return True
            condition = attribute("state").equals("acknowledged")
            condition &= attribute("active").equals(item.attributes["active"])
            counted = accounts.leaves(item.attributes)
        closed = CONNECTION.put(cast(Any, row), condition=condition, expires_at=expires_at)
        try:
            await self._store.transact(Writes([closed, *([] if counted is None else [counted])]))
        except ConditionFailed as error:
            if 0 in error.failed:
                return False
            # The account's counts have expired, as they do when nobody of it has connected for days.
            return await self._remove_alone([closed])
        return True

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
        account = cast("str | None", item.attributes.get("account"))
        counted = [] if account is None else [accounts.completes(account)]
        leaving = Update(
            CONNECTION.key(connection=connection),
            add={"active": -1},
            condition=_GOES_ON,
        )
        try:
            await self._store.transact(Writes([*writes, leaving, *counted]))
        except ConditionFailed as error:
            if 0 in error.failed:
                return False
            if len(writes) not in error.failed:
                return await self._remove_alone([*writes, leaving])  # The account's counts have expired.
            return await self._remove_alone(writes)  # The connection has ended, and its count with it.
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


def _connection(row: Mapping[str, Value], ends: int) -> Put:
    """The write of a new connection. Its row is kept until long after it must have ended."""
    return CONNECTION.put(row, condition=absent(), expires_at=ends + int(LEFT.total_seconds()))


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
