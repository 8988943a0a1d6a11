"""A composition on in-memory adapters, for one developer."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Final

from colonnade import settings
from colonnade.clock import SystemClock
from colonnade.composer import Composition
from colonnade.context import Context
from colonnade.cursors import CursorSigner
from colonnade.http import Request
from colonnade.ids import UlidIds
from colonnade.permissions import Principal
from colonnade.server import Server
from colonnade.testing.declared_store import DeclaredStore
from colonnade.testing.memory_store import MemoryStore
from colonnade.testing.surroundings import Surroundings

DEVELOPER: Final = "developer"


def in_memory(composition: Composition, around: Surroundings, environ: Mapping[str, str]) -> Server:
    """A server of the composition, with settings from `environ`; all that is written is gone when it is.

    Whoever asks is `DEVELOPER`, and holds every permission. Raises `ConfigurationError` for settings.
    """
    clock = SystemClock()
    store = DeclaredStore(MemoryStore(clock), (entity for _, entity in composition.entities))
    ids = UlidIds(clock)
    cursors = CursorSigner(secrets.token_bytes(32))
    given = _settings(composition, environ)
    developer = Principal(DEVELOPER, frozenset(p.name for _, p in composition.permissions))

    def context(request: Request) -> Context:
        return Context(
            request_id=request.request_id,
            store=store,
            chains=around.chains,
            services=composition.services,
            clock=clock,
            ids=ids,
            cursors=cursors,
            settings=given,
            principal=developer,
        )

    return Server(composition.schema, context)


def _settings(composition: Composition, environ: Mapping[str, str]) -> Mapping[type[object], object]:
    found: dict[type[object], object] = {}
    for plugin, declared in composition.settings.items():
        found[declared] = settings.load(declared, environ, prefix=plugin)
        settings.validate(found[declared])
    return found
