"""The public keys of access tokens, for whoever else verifies them."""

from __future__ import annotations

from typing import Final

from colonnade import Context
from colonnade.http import Request, Response
from colonnade.routes import Route
from plugins.identity.settings import IdentitySettings
from plugins.identity.tokens.key_ring import key_ring

_HEADERS: Final = {"content-type": "application/json", "cache-control": "public, max-age=300"}


async def _answer(context: Context, request: Request) -> Response:
    ring = key_ring(context.setting(IdentitySettings).key_entries())
    return Response(200, _HEADERS, ring.jwks())


JWKS: Final = Route("/.well-known/jwks.json", "the public keys that verify access tokens", _answer)
