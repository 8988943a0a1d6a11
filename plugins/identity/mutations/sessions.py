"""Ending sessions."""

from typing import Annotated

import strawberry

from colonnade import Info, extend
from plugins.identity.permissions import in_session
from plugins.identity.refusals import SessionNotFound
from plugins.identity.sessions import current_session, end_every_session, end_session


@strawberry.type(
    description="Sessions have ended. Their access tokens are good for what is left of ten minutes."
)
class SessionsEnded:
    session_ids: list[strawberry.ID] = strawberry.field(description="Which ones.")


@strawberry.input(description="What to sign out of.")
class SignOutInput:
    everywhere: bool = strawberry.field(
        default=False, description="Whether to end every session of the caller, or only this one."
    )


SignOutResult = Annotated[
    SessionsEnded | SessionNotFound,
    strawberry.union("SignOutResult", description="What has ended, or that it had before."),
]


@strawberry.input(description="A session to end.")
class RevokeSessionInput:
    session_id: strawberry.ID = strawberry.field(description="One of the caller's own.")


RevokeSessionResult = Annotated[
    SessionsEnded | SessionNotFound,
    strawberry.union("RevokeSessionResult", description="What has ended, or that there was no such session."),
]


@extend("Mutation")
class EndingSessions:
    @strawberry.field(description="End the caller's session, or all of them.")
    async def sign_out(
        self,
        info: Info,
        input: Annotated[SignOutInput, strawberry.argument(description="Which sessions.")],  # noqa: A002 - the API's name
    ) -> SignOutResult | None:
        principal = in_session(info.context)
        if input.everywhere:
            return _ended(await end_every_session(info.context, principal.id))
        return await _end(info, principal.id, current_session(principal))

    @strawberry.field(description="End one of the caller's sessions, as on a device that was lost.")
    async def revoke_session(
        self,
        info: Info,
        input: Annotated[RevokeSessionInput, strawberry.argument(description="Which session.")],  # noqa: A002 - the API's name
    ) -> RevokeSessionResult | None:
        return await _end(info, in_session(info.context).id, str(input.session_id))


async def _end(info: Info, user: str, session: str) -> SessionsEnded | SessionNotFound:
    if await end_session(info.context, user, session):
        return _ended([session])
    return SessionNotFound(message="the caller has no such session, or it has ended")


def _ended(sessions: list[str]) -> SessionsEnded:
    return SessionsEnded(session_ids=[strawberry.ID(session) for session in sessions])
