"""How callers are recognised: access tokens without a read, API keys with two that are kept for seconds."""

from __future__ import annotations

from collections.abc import Sequence

from colonnade import Context
from colonnade.authentication import Authenticator
from colonnade.grants import Grants
from colonnade.permissions import Principal
from plugins.identity.activity import ActivityRecorder
from plugins.identity.api_keys import ApiKeys
from plugins.identity.settings import IdentitySettings
from plugins.identity.tokens import access_tokens


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

    return [Authenticator("access-token", of_access_token), Authenticator("api-key", of_api_key)]
