"""Sessions: a sign-in, and the refresh tokens that follow one another in it.

A session is one row. Each use of a refresh token is one conditional write, which takes the hash of the next in the
place of the last one's. Whoever shows a token of the family that is not the last shows one that was used: the session
ends, whichever of the two holders is the thief.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, NoReturn

from colonnade import Context, Refused
from colonnade.conditions import absent, attribute, exists
from colonnade.core_events import CredentialRevoked
from colonnade.errors import ConditionFailed, Unauthenticated
from colonnade.evm import Address
from colonnade.ids import is_id
from colonnade.permissions import Principal
from colonnade.store import Check, Put, Update, Writes
from plugins.identity.bearer_secrets import RefreshToken, hashed
from plugins.identity.entities import SESSION
from plugins.identity.refusals import RefreshTokenInvalid, RefreshTokenReused
from plugins.identity.rows import moment, optional_text, text
from plugins.identity.settings import IdentitySettings
from plugins.identity.tokens import access_tokens
from plugins.identity.users import UserRecord, find_user, permissions_of

IDLE: Final = timedelta(days=30)
"""How long a refresh token is good for."""

LONGEST: Final = timedelta(days=90)
"""When a session ends, however much it is used."""

_ENDED_AT_ONCE: Final = 50
"""Each takes two of the 100 writes of a transaction."""


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """A session. `address`: the wallet it was opened with; `label`: what the client called the device; times UTC."""

    id: str
    user: str
    address: Address
    label: str | None
    created_at: datetime
    last_used_at: datetime
    ends_at: datetime

    @classmethod
    def of(cls, row: Mapping[str, object]) -> SessionRecord:
        """The session of a row."""
        return cls(
            id=text(row, "id"),
            user=text(row, "user"),
            address=Address(text(row, "address")),
            label=optional_text(row, "label"),
            created_at=moment(row, "created_at"),
            last_used_at=moment(row, "last_used_at"),
            ends_at=moment(row, "ends_at"),
        )


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a client keeps of a session. Times are UTC."""

    user: str
    session: str
    access: str
    access_expires_at: datetime
    refresh: str
    refresh_expires_at: datetime


def open_session(
    context: Context, user: str, address: Address, label: str | None
) -> tuple[RefreshToken, Put]:
    """A new session's first token, and the write that opens it."""
    now = context.clock.now()
    token = RefreshToken.first(user, context.ids.new("ses"))
    row = {
        "user": user,
        "id": token.session,
        "family": hashed(token.family),
        "secret": hashed(token.secret),
        "address": address,
        "label": label,
        "created_at": int(now.timestamp()),
        "last_used_at": int(now.timestamp()),
        "ends_at": int((now + LONGEST).timestamp()),
    }
    return token, SESSION.put(row, condition=absent(), expires_at=int((now + IDLE).timestamp()))


def tokens_of(
    context: Context, token: RefreshToken, permissions: frozenset[str], refresh_expires_at: datetime
) -> Tokens:
    """What the client gets: `token`, and an access token that says `permissions`."""
    now = context.clock.now()
    expires_at = now.replace(microsecond=0) + access_tokens.LIFETIME
    claims = access_tokens.AccessClaims(token.user, token.session, permissions, int(expires_at.timestamp()))
    access = access_tokens.issue(context.setting(IdentitySettings), claims, now)
    return Tokens(token.user, token.session, access, expires_at, token.shown(), refresh_expires_at)


async def refresh(context: Context, shown: str) -> Tokens:
    """New tokens for a refresh token, which is then used up.

    Raises `Refused` with `RefreshTokenInvalid`, or, once the session is ended, with `RefreshTokenReused`.
    """
    token = RefreshToken.parse(shown)
    if token is None:
        raise Refused(_invalid())
    item = await context.store.get(SESSION.key(user=token.user, id=token.session))
    if item is None or not _is_of_family(item.attributes, token):
        raise Refused(_invalid())
    if not hmac.compare_digest(text(item.attributes, "secret"), hashed(token.secret)):
        await _end_family(context, token)
    session = SessionRecord.of(item.attributes)
    now = context.clock.now()
    if now >= session.ends_at:
        raise Refused(_invalid())
    record = await _user(context, token.user)
    # All that can fail comes before the token is used up: after that, a lost answer costs the session.
    permissions = await permissions_of(context, record)
    expires_at = min(now + IDLE, session.ends_at)
    successor = token.successor()
    tokens = tokens_of(context, successor, permissions, expires_at)
    rotation = Update(
        SESSION.key(user=token.user, id=token.session),
        set={"secret": hashed(successor.secret), "last_used_at": int(now.timestamp())},
        condition=exists()
        & attribute("family").equals(hashed(token.family))
        & attribute("secret").equals(hashed(token.secret)),
        expires_at=int(expires_at.timestamp()),
    )
    try:
        await context.store.transact(Writes([rotation]))
    except ConditionFailed as error:
        found = error.failed[0]
        if found is None:
            raise Refused(_invalid()) from error
        # A store that asks again after a lost answer meets its own first attempt, which is no reuse.
        if found.get("secret") != hashed(successor.secret):
            await _end_family(context, token)
    return tokens


async def end_session(context: Context, user: str, session: str) -> bool:
    """End a session of a user; whether there was one to end."""
    return is_id(session, "ses") and bool(await _end(context, user, [session]))


async def end_every_session(context: Context, user: str) -> list[str]:
    """End all sessions of a user that there are now; which ones ended."""
    query, ended = SESSION.query(user=user, limit=_ENDED_AT_ONCE), list[str]()
    while True:
        page = await context.store.query(query)
        ended += await _end(context, user, [text(item.attributes, "id") for item in page.items])
        if page.next is None:
            return ended
        query = replace(query, after=page.next)


def current_session(principal: Principal) -> str:
    """The session that a principal asks in."""
    assert principal.credential is not None
    return principal.credential


def goes_on(principal: Principal) -> Check:
    """That the session in which a principal asks has not ended, which its access token does not know."""
    return Check(SESSION.key(user=principal.id, id=current_session(principal)), exists())


def has_ended() -> Unauthenticated:
    """What to raise where `goes_on` does not hold."""
    return Unauthenticated("the session has ended, and makes nothing that would outlive it; sign in again")


async def _end(context: Context, user: str, sessions: Sequence[str]) -> Sequence[str]:
    """End sessions of a user in one transaction; those that had not ended before."""
    while sessions:
        ends = [SESSION.delete(user=user, id=session, condition=exists()) for session in sessions]
        events = [context.record(CredentialRevoked(credential=session)) for session in sessions]
        try:
            await context.store.transact(Writes([*ends, *events]))
        except ConditionFailed as error:
            going = [session for place, session in enumerate(sessions) if place not in error.failed]
            if len(going) == len(sessions):
                raise
            sessions = going
        else:
            break
    return sessions


async def _end_family(context: Context, token: RefreshToken) -> NoReturn:
    await end_session(context, token.user, token.session)
    raise Refused(
        RefreshTokenReused(
            message="this refresh token was used before, so the session has ended; sign in again",
            path=["input", "refreshToken"],
        )
    )


async def _user(context: Context, user: str) -> UserRecord:
    record = await find_user(context, user)
    if record is None:
        raise Refused(_invalid())
    return record


def _is_of_family(row: Mapping[str, object], token: RefreshToken) -> bool:
    return hmac.compare_digest(text(row, "family"), hashed(token.family))


def _invalid() -> RefreshTokenInvalid:
    return RefreshTokenInvalid(
        message="the refresh token is malformed, expired, or of a session that has ended; sign in again",
        path=["input", "refreshToken"],
    )
