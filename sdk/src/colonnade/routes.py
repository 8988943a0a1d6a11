"""Routes: HTTP addresses beside GraphQL that a plugin answers."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from colonnade.http import Request, Response

if TYPE_CHECKING:
    from colonnade.context import Context

_PATH: Final = re.compile(r"(/[A-Za-z0-9._~-]+)+")
_TAKEN: Final = frozenset(
    {"graphql", "graphiql", "health", "favicon.ico", "schema.graphql", "start.css", "start.js", "development"}
)


@dataclass(frozen=True, slots=True)
class Route:
    """An address, as in `/.well-known/jwks.json`, and what answers there. `description`: for the start page.

    `answer` runs inside its plugin's boundary, for nobody in particular: a route that serves somebody looks at the
    request's headers itself. What it raises reaches the client as an error of GraphQL would, with the status that
    fits. Raises ValueError for a path that is not plain, or that the application itself answers.
    """

    path: str
    description: str
    answer: Callable[[Context, Request], Awaitable[Response]]
    method: Literal["GET", "POST"] = "GET"

    def __post_init__(self) -> None:
        if not _PATH.fullmatch(self.path):
            raise ValueError(f"a route's path is plain, as in /.well-known/jwks.json, not {self.path!r}")
        if self.path.split("/")[1] in _TAKEN:
            raise ValueError(f"{self.path} is the application's own; call the route something else")
