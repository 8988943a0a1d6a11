"""Access: waiting for it, being invited, being approved."""

from datetime import datetime
from typing import Annotated, Final

import strawberry

from colonnade import Info, Refused, extend, requires
from colonnade.errors import ConditionFailed
from colonnade.idempotency import IdempotentRequest, once
from colonnade.permissions import ACCESS, ADMIN
from colonnade.results import IdempotencyConflict, IdempotencyInProgress, ValidationFailed, ValidationIssue
from colonnade.store import Writes
from plugins.identity import waitlist
from plugins.identity.bearer_secrets import invitation_hash, new_invitation_code
from plugins.identity.invitations import creation_refused, new_invitation, redeeming, redemption_refused
from plugins.identity.permissions import in_session
from plugins.identity.refusals import (
    AccessAlreadyGranted,
    InvitationInvalid,
    InvitationsExhausted,
    WaitlistEntryNotFound,
)
from plugins.identity.settings import IdentitySettings
from plugins.identity.types.users import User
from plugins.identity.types.waitlist import WaitlistEntry, user_of_entry
from plugins.identity.users import find_user

MAX_NOTE: Final = 280


@strawberry.input(description="A request for access.")
class JoinWaitlistInput:
    note: str | None = strawberry.field(
        default=None, description="For whoever decides, at most 280 characters."
    )


JoinWaitlistResult = Annotated[
    WaitlistEntry | AccessAlreadyGranted | ValidationFailed,
    strawberry.union("JoinWaitlistResult", description="The caller's place, or why there is none."),
]


@strawberry.input(description="A user to let in.")
class ApproveWaitlistEntryInput:
    entry_id: strawberry.ID = strawberry.field(description="The place, as `waitlist` lists it.")


ApproveWaitlistEntryResult = Annotated[
    WaitlistEntry | WaitlistEntryNotFound,
    strawberry.union("ApproveWaitlistEntryResult", description="The place, or that nobody waits there."),
]


@strawberry.input(description="An invitation to write.")
class CreateInvitationInput:
    idempotency_key: strawberry.ID = strawberry.field(
        description="Made up by the client: a request that is sent again with its key counts once, for 24 hours."
    )


@strawberry.type(description="An invitation was written. It gives one user access.")
class InvitationCreated:
    invitation_code: str | None = strawberry.field(
        description="What the invited redeem. It is shown only here; null where the request was answered before, "
        "since nobody knows it then."
    )
    expires_at: datetime | None = strawberry.field(
        description="When it is no longer good; null where the code is."
    )


CreateInvitationResult = Annotated[
    InvitationCreated | InvitationsExhausted | IdempotencyConflict | IdempotencyInProgress | ValidationFailed,
    strawberry.union("CreateInvitationResult", description="The invitation, or why there is none."),
]


@strawberry.input(description="An invitation to use.")
class RedeemInvitationInput:
    code: str = strawberry.field(description="The `invitationCode` that `createInvitation` gave.")
    idempotency_key: strawberry.ID = strawberry.field(
        description="Made up by the client: a request that is sent again with its key counts once, for 24 hours."
    )


@strawberry.type(
    description="The caller has access: from the next `refreshSession` on, the access token says so."
)
class AccessGranted:
    user_id: strawberry.Private[str]

    @strawberry.field(description="Who has access.")
    async def user(self, info: Info) -> User | None:
        record = await find_user(info.context, self.user_id)
        return User.of(record) if record else None


RedeemInvitationResult = Annotated[
    AccessGranted
    | InvitationInvalid
    | AccessAlreadyGranted
    | IdempotencyConflict
    | IdempotencyInProgress
    | ValidationFailed,
    strawberry.union("RedeemInvitationResult", description="Access, or why there is none."),
]


@extend("Mutation")
class GivingAccess:
    @strawberry.field(description="Take a place on the waitlist, or find the one taken before.")
    async def join_waitlist(
        self,
        info: Info,
        input: Annotated[JoinWaitlistInput, strawberry.argument(description="The request.")],  # noqa: A002 - the API's name
    ) -> JoinWaitlistResult | None:
        user = in_session(info.context).id
        if info.context.setting(IdentitySettings).access == "open":
            raise Refused(AccessAlreadyGranted(message="everybody who signs in has access here"))
        if input.note is not None and not 1 <= len(input.note) <= MAX_NOTE:
            issue = ValidationIssue(
                path=["input", "note"], code="OUT_OF_RANGE", message=f"1 to {MAX_NOTE} characters"
            )
            raise Refused(ValidationFailed.of([issue]))
        return WaitlistEntry.of(await waitlist.join(info.context, user, input.note))

    @strawberry.field(description="Give access to a user who waits.", extensions=[requires(ADMIN)])
    async def approve_waitlist_entry(
        self,
        info: Info,
        input: Annotated[ApproveWaitlistEntryInput, strawberry.argument(description="Whom.")],  # noqa: A002 - the API's name
    ) -> ApproveWaitlistEntryResult | None:
        entry = await waitlist.approve(info.context, user_of_entry(str(input.entry_id)))
        return WaitlistEntry.of(entry)

    @strawberry.field(
        description="Write an invitation; a deployment bounds how many.", extensions=[requires(ACCESS)]
    )
    async def create_invitation(
        self,
        info: Info,
        input: Annotated[CreateInvitationInput, strawberry.argument(description="The request.")],  # noqa: A002 - the API's name
    ) -> CreateInvitationResult | None:
        context, principal = info.context, in_session(info.context)
        allowed = context.setting(IdentitySettings).invitations_per_user
        limit = None if principal.holds(ADMIN) else allowed
        request = IdempotentRequest.of(context, "createInvitation", input.idempotency_key, {})
        code = new_invitation_code()
        record, writes = new_invitation(context, principal.id, invitation_hash(code) or "", limit=limit)

        async def effect() -> tuple[str, Writes]:
            return record.id, writes

        try:
            made = await once(context, request, effect)
        except ConditionFailed as error:
            raise creation_refused(error.failed, allowed) from error
        is_new = made == record.id
        return InvitationCreated(
            invitation_code=code if is_new else None, expires_at=record.expires_at if is_new else None
        )

    @strawberry.field(description="Use an invitation. It gives access once.")
    async def redeem_invitation(
        self,
        info: Info,
        input: Annotated[RedeemInvitationInput, strawberry.argument(description="The code.")],  # noqa: A002 - the API's name
    ) -> RedeemInvitationResult | None:
        context, user = info.context, in_session(info.context).id
        arguments = {"code": invitation_hash(input.code)}
        request = IdempotentRequest.of(context, "redeemInvitation", input.idempotency_key, arguments)

        async def effect() -> tuple[str, Writes]:
            return user, await redeeming(context, user, input.code)

        try:
            return AccessGranted(user_id=await once(context, request, effect))
        except ConditionFailed as error:
            raise redemption_refused(error.failed) from error
