"""API keys: for programs that act for a user without a wallet at hand.

What a key may do stands with the hash of its secret, and is never more than its owner may now. What was read of both is
kept for `KEPT_SECONDS`: a revoked key stops working within these, and a key loses within them what its owner lost.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, TypeVar

from colonnade import Context
from colonnade.conditions import absent, attribute, exists
from colonnade.core_events import CredentialRevoked
from colonnade.errors import ColonnadeError, ConditionFailed, Unauthenticated
from colonnade.grants import Grants
from colonnade.permissions import Principal
from colonnade.store import Update, Write, Writes
from plugins.identity.bearer_secrets import API_KEY_PREFIX, api_key_hash
from plugins.identity.entities import API_KEY, API_KEY_SECRET
from plugins.identity.rows import moment, number, optional_text, text, texts
from plugins.identity.users import find_user, permissions_of

V = TypeVar("V")

KEPT_SECONDS: Final = 5.0
"""For how long a key that was good is taken to be good, in one process."""

KEPT_KEYS: Final = 4_096

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ApiKeyRecord:
    """A key without its secret. Times UTC; `last_used_on`: a UTC day, YYYY-MM-DD."""

    id: str
    user: str
    name: str
    permissions: frozenset[str]
    created_at: datetime
    expires_at: datetime | None
    last_used_on: str | None

    @classmethod
    def of(cls, row: Mapping[str, object]) -> ApiKeyRecord:
        """The key of a row."""
        return cls(
            id=text(row, "id"),
            user=text(row, "user"),
            name=text(row, "name"),
            permissions=texts(row, "permissions"),
            created_at=moment(row, "created_at"),
            expires_at=None if row.get("expires_at") is None else moment(row, "expires_at"),
            last_used_on=optional_text(row, "last_used_on"),
        )


def new_key(record: ApiKeyRecord, secret_hash: str) -> Writes:
    """The writes of a key."""
    expires_at = None if record.expires_at is None else int(record.expires_at.timestamp())
    may = {
        "user": record.user,
        "id": record.id,
        "permissions": sorted(record.permissions),
        "expires_at": expires_at,
        "hash": secret_hash,
    }
    listed = {
        **may,
        "name": record.name,
        "created_at": int(record.created_at.timestamp()),
        "last_used_on": None,
    }
    return Writes([API_KEY.put(listed, condition=absent()), API_KEY_SECRET.put(may, condition=absent())])


async def revoke(context: Context, user: str, key_id: str) -> bool:
    """Revoke a key of a user; whether there was one."""
    item = await context.store.get(API_KEY.key(user=user, id=key_id))
    if item is None:
        return False
    writes: list[Write] = [
        API_KEY.delete(user=user, id=key_id, condition=exists()),
        API_KEY_SECRET.delete(hash=text(item.attributes, "hash")),
        context.record(CredentialRevoked(credential=key_id)),
    ]
    try:
        await context.store.transact(Writes(writes))
    except ConditionFailed:
        return False
    return True


class ApiKeys:
    """Recognises API keys. `clock`: seconds, monotonic. Safe between threads and event loops."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[float, Principal]] = OrderedDict()
        self._used: OrderedDict[str, str] = OrderedDict()

    async def authenticate(self, context: Context, credentials: str) -> Principal | None:
        """Whom a key acts for; None for what is no API key. Raises `Unauthenticated`."""
        if not credentials.startswith(API_KEY_PREFIX):
            return None
        secret_hash = api_key_hash(credentials)
        if secret_hash is None:
            raise Unauthenticated("the API key is not complete, or mistyped: its checksum is wrong")
        principal = self._known(secret_hash) or await self._read(context, secret_hash)
        if principal.expires_at is not None and principal.expires_at <= context.clock.now().timestamp():
            raise Unauthenticated("the API key has expired; create another")
        await self._note_use(context, principal)
        return principal

    async def renew(self, context: Context, principal: Principal) -> Principal | None:
        """A key's principal as it is now; None for another credential. Raises `Unauthenticated` for what was revoked."""
        key_id = principal.credential or ""
        if not key_id.startswith("key_"):
            return None
        item = await context.store.get(API_KEY.key(user=principal.id, id=key_id))
        owner = await find_user(context, principal.id) if item else None
        if item is None or owner is None:
            raise Unauthenticated("the API key was revoked")
        of_owner = context.services.get(Grants).held_with(await permissions_of(context, owner))
        return replace(principal, permissions=texts(item.attributes, "permissions") & of_owner)

    def _known(self, secret_hash: str) -> Principal | None:
        with self._lock:
            read_at, principal = self._kept.get(secret_hash, (0.0, None))
        return principal if self._clock() - read_at < KEPT_SECONDS else None

    async def _read(self, context: Context, secret_hash: str) -> Principal:
        asked_at = self._clock()
        item = await context.store.get(API_KEY_SECRET.key(hash=secret_hash))
        owner = await find_user(context, text(item.attributes, "user")) if item else None
        if item is None or owner is None:
            raise Unauthenticated("the API key is unknown here, or was revoked")
        row = item.attributes
        expires_at = None if row["expires_at"] is None else number(row, "expires_at")
        of_owner = context.services.get(Grants).held_with(await permissions_of(context, owner))
        permissions = texts(row, "permissions") & of_owner
        principal = Principal(owner.id, permissions, text(row, "id"), expires_at)
        with self._lock:
            _keep(self._kept, secret_hash, (asked_at, principal))
        return principal

    async def _note_use(self, context: Context, principal: Principal) -> None:
        """Mark the day on the key, once a day and process. Never fails: a request goes on without it."""
        key_id, today = principal.credential or "", context.clock.now().date().isoformat()
        with self._lock:
            if self._used.get(key_id) == today:
                return
            _keep(self._used, key_id, today)
        use = Update(
            API_KEY.key(user=principal.id, id=key_id),
            set={"last_used_on": today},
            condition=exists() & ~attribute("last_used_on").equals(today),
        )
        try:
            await context.store.transact(Writes([use]))
        except ConditionFailed:
            pass  # Another process was first, or the key was revoked a moment ago.
        except ColonnadeError as error:
            _log.warning("The use of an API key was not recorded: %s", error)


def _keep(kept: OrderedDict[str, V], key: str, value: V) -> None:
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > KEPT_KEYS:
        kept.popitem(last=False)
