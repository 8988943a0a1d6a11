"""Making and revoking API keys."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Final

import strawberry

from colonnade import Context, Info, Refused, extend
from colonnade.errors import ConditionFailed
from colonnade.idempotency import IdempotentRequest, once
from colonnade.permissions import ADMIN, Principal
from colonnade.results import IdempotencyConflict, IdempotencyInProgress, ValidationFailed, ValidationIssue
from colonnade.store import Writes
from plugins.identity.api_keys import ApiKeyRecord, new_key, revoke
from plugins.identity.bearer_secrets import api_key_hash, new_api_key
from plugins.identity.permissions import in_session
from plugins.identity.refusals import ApiKeyNotFound, PermissionNotHeld
from plugins.identity.sessions import goes_on, has_ended
from plugins.identity.types.api_keys import ApiKey, load_api_keys

MAX_NAME: Final = 100


@strawberry.input(description="An API key to make.")
class CreateApiKeyInput:
    name: str = strawberry.field(description="What to call it, 1 to 100 characters.")
    permissions: list[str] = strawberry.field(
        description="What it may do, as values of `Permission`: of what the caller may, and never ADMIN. At most 100."
    )
    idempotency_key: strawberry.ID = strawberry.field(
        description="Made up by the client: a request that is sent again with its key counts once, for 24 hours."
    )
    expires_at: datetime | None = strawberry.field(
        default=None, description="When it is no longer good; null for never."
    )


@strawberry.type(description="An API key was made.")
class ApiKeyCreated:
    secret: str | None = strawberry.field(
        description="What the program sends, as `Authorization: Bearer …`. It is shown only here; null where the "
        "request was answered before, since nobody knows it then."
    )
    key_id: strawberry.Private[str]

    @strawberry.field(description="The key, as it is listed; null where it was revoked meanwhile.")
    async def api_key(self, info: Info) -> ApiKey | None:
        (key,) = await load_api_keys(info.context, [self.key_id])
        return key


CreateApiKeyResult = Annotated[
    ApiKeyCreated | ValidationFailed | PermissionNotHeld | IdempotencyConflict | IdempotencyInProgress,
    strawberry.union("CreateApiKeyResult", description="The key, or why there is none."),
]


@strawberry.input(description="An API key to revoke.")
class RevokeApiKeyInput:
    api_key_id: strawberry.ID = strawberry.field(description="One of the caller's own.")


@strawberry.type(
    description="An API key is revoked; the last request with it is accepted within five seconds."
)
class ApiKeyRevoked:
    api_key_id: strawberry.ID = strawberry.field(description="Which one.")


RevokeApiKeyResult = Annotated[
    ApiKeyRevoked | ApiKeyNotFound,
    strawberry.union("RevokeApiKeyResult", description="What was revoked, or that there is no such key."),
]


@extend("Mutation")
class ManagingApiKeys:
    @strawberry.field(description="Make an API key. Needs a session: a key cannot make another.")
    async def create_api_key(
        self,
        info: Info,
        input: Annotated[CreateApiKeyInput, strawberry.argument(description="The key.")],  # noqa: A002 - the API's name
    ) -> CreateApiKeyResult | None:
        context, principal = info.context, in_session(info.context)
        permissions = frozenset(input.permissions)
        _check(context, input, permissions, principal)
        request = IdempotentRequest.of(
            context,
            "createApiKey",
            input.idempotency_key,
            {"name": input.name, "permissions": sorted(permissions), "expires_at": input.expires_at},
        )
        secret = new_api_key()
        record = ApiKeyRecord(
            id=context.ids.new("key"),
            user=principal.id,
            name=input.name,
            permissions=permissions,
            created_at=context.clock.now(),
            expires_at=input.expires_at,
            last_used_on=None,
        )

        async def effect() -> tuple[str, Writes]:
            return record.id, new_key(record, api_key_hash(secret) or "") + Writes([goes_on(principal)])

        try:
            made = await once(context, request, effect)
        except ConditionFailed as error:
            raise has_ended() from error
        return ApiKeyCreated(secret=secret if made == record.id else None, key_id=made)

    @strawberry.field(description="Revoke an API key. It stops working within five seconds.")
    async def revoke_api_key(
        self,
        info: Info,
        input: Annotated[RevokeApiKeyInput, strawberry.argument(description="Which key.")],  # noqa: A002 - the API's name
    ) -> RevokeApiKeyResult | None:
        if await revoke(info.context, in_session(info.context).id, str(input.api_key_id)):
            return ApiKeyRevoked(api_key_id=input.api_key_id)
        return ApiKeyNotFound(message="the caller has no such key, or it is revoked")


def _check(
    context: Context, given: CreateApiKeyInput, permissions: frozenset[str], principal: Principal
) -> None:
    issues = list(_issues(context, given))
    if issues:
        raise Refused(ValidationFailed.of(issues))
    missing = permissions - (principal.permissions - {ADMIN.name})
    if missing:
        raise Refused(
            PermissionNotHeld(
                message=f"this key cannot have {', '.join(sorted(missing))}", path=["input", "permissions"]
            )
        )


def _issues(context: Context, given: CreateApiKeyInput) -> Iterator[ValidationIssue]:
    if not 1 <= len(given.name) <= MAX_NAME:
        yield _issue("name", "OUT_OF_RANGE", f"1 to {MAX_NAME} characters")
    if len(given.permissions) > 100:
        yield _issue("permissions", "TOO_MANY", "at most 100")
    if given.expires_at is not None and given.expires_at <= context.clock.now():
        yield _issue("expiresAt", "IN_THE_PAST", "has to lie in the future")


def _issue(field: str, code: str, message: str) -> ValidationIssue:
    return ValidationIssue(path=["input", field], code=code, message=message)
