"""Sessions and what a client keeps of them."""

from collections.abc import Sequence
from datetime import datetime

import strawberry

from colonnade import Context, Info
from colonnade.evm import Address
from colonnade.relay import Node
from colonnade.store import Item
from plugins.identity.entities import SESSION
from plugins.identity.permissions import is_session
from plugins.identity.sessions import SessionRecord, Tokens
from plugins.identity.types.users import User
from plugins.identity.users import find_user


@strawberry.type(description="A sign-in, on one device, until it is signed out or not used for 30 days.")
class Session(Node):
    address: Address = strawberry.field(description="The wallet it was opened with.")
    label: str | None = strawberry.field(description="What the client called the device.")
    created_at: datetime = strawberry.field(description="When it was opened.")
    last_used_at: datetime = strawberry.field(description="When its tokens were last renewed.")
    ends_at: datetime = strawberry.field(description="When it ends, however much it is used.")

    @strawberry.field(description="Whether the caller asks in this session.")
    def current(self, info: Info) -> bool:
        principal = info.context.principal
        return principal is not None and principal.credential == self.id

    @classmethod
    def of(cls, item: Item) -> "Session":
        """The session of a row, as its user sees it."""
        record = SessionRecord.of(item.attributes)
        return cls(
            id=strawberry.ID(record.id),
            address=record.address,
            label=record.label,
            created_at=record.created_at,
            last_used_at=record.last_used_at,
            ends_at=record.ends_at,
        )


@strawberry.type(description="What a client keeps of a session.")
class SessionTokens:
    access_token: str = strawberry.field(
        description="Goes with each request, as `Authorization: Bearer …`. Good for ten minutes."
    )
    access_token_expires_at: datetime = strawberry.field(description="When it is no longer good.")
    refresh_token: str = strawberry.field(
        description="Good for one `refreshSession`, which gives another. Using one twice ends the session."
    )
    refresh_token_expires_at: datetime = strawberry.field(description="When it is no longer good.")
    session_id: strawberry.ID = strawberry.field(description="The session, as `revokeSession` takes it.")
    user_id: strawberry.Private[str]

    @strawberry.field(description="Who signed in.")
    async def user(self, info: Info) -> User | None:
        record = await find_user(info.context, self.user_id)
        return User.of(record) if record else None

    @classmethod
    def of(cls, tokens: Tokens) -> "SessionTokens":
        """Tokens as a client gets them."""
        return cls(
            access_token=tokens.access,
            access_token_expires_at=tokens.access_expires_at,
            refresh_token=tokens.refresh,
            refresh_token_expires_at=tokens.refresh_expires_at,
            session_id=strawberry.ID(tokens.session),
            user_id=tokens.user,
        )


async def load_sessions(context: Context, ids: Sequence[str]) -> Sequence[Session | None]:
    """The caller's own sessions among these ids; none for an API key."""
    principal = context.principal
    if not is_session(principal):
        return [None for _ in ids]
    keys = [SESSION.key(user=principal.id, id=session) for session in ids]
    found = await context.store.batch_get(keys)
    return [Session.of(found[key]) if key in found else None for key in keys]
