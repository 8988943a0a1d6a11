"""How callers are recognised: access tokens without a read, API keys with two that are kept for seconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from colonnade import Context
from colonnade.authentication import Authenticator
from colonnade.errors import Unauthenticated
from colonnade.grants import Grants
from colonnade.permissions import Principal
from plugins.identity.activity import ActivityRecorder
from plugins.identity.api_keys import ApiKeys
from plugins.identity.entities import SESSION
from plugins.identity.sessions import current_session
from plugins.identity.settings import IdentitySettings
from plugins.identity.tokens import access_tokens
from plugins.identity.users import find_user, permissions_of


def make_authenticators(keys: ApiKeys, activity: ActivityRecorder) -> Sequence[Authenticator]:
    """The authenticators of one application, which share what they remember."""

    async def of_access_token(context: Context, credentials: str) -> Principal | None:
        settings = context.setting(IdentitySettings)
        if not access_tokens.is_ours(credentials, settings.issuer):
            return None
        claims = access_tokens.verify(settings, credentials, context.clock.now())
        await activity.note(context, claims.user)
        permissions = context.services.get(Grants).held_with(claims.permissions)
        return Principal(claims.user, permissions, claims.session, claims.expires_at)

    async def of_api_key(context: Context, credentials: str) -> Principal | None:
        principal = await keys.authenticate(context, credentials)
        if principal is not None:
            await activity.note(context, principal.id)
        return principal

    async def session_again(context: Context, principal: Principal) -> Principal | None:
        if not (principal.credential or "").startswith("ses_"):
            return None
        item = await context.store.get(SESSION.key(user=principal.id, id=current_session(principal)))
        owner = await find_user(context, principal.id) if item else None
        if item is None or owner is None:
            raise Unauthenticated("the session has ended: sign in again")
        held = context.services.get(Grants).held_with(await permissions_of(context, owner))
        return replace(principal, permissions=held)

    async def api_key_again(context: Context, principal: Principal) -> Principal | None:
        return await keys.renew(context, principal)

    return [
        Authenticator("access-token", of_access_token, session_again),
        Authenticator("api-key", of_api_key, api_key_again),
    ]
