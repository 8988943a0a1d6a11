"""Routes: HTTP addresses beside GraphQL that a plugin answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from colonnade.http import Request, Response

if TYPE_CHECKING:
    from colonnade.context import Context


@dataclass(frozen=True, slots=True)
class Route:
    """An address, as in `/.well-known/jwks.json`, and what answers there. `description`: for the start page."""

    path: str
    description: str
    answer: Callable[[Context, Request], Awaitable[Response]]
    method: Literal["GET", "POST"] = "GET"
