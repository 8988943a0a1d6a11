"""The plugin at hand as a running API: everything in memory, and nothing forbidden."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from typing import Final

import uvicorn
from starlette.applications import Starlette
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from colonnade.cli.composing import compose_project, surroundings_of
from colonnade.cli.in_memory import DEVELOPER, in_memory
from colonnade.cli.output import say
from colonnade.cli.project import PluginsAtHand
from colonnade.composer import Composition
from colonnade.errors import ConfigurationError
from colonnade.server import Server
from colonnade.server.asgi import GraphQLApplication, request_head
from colonnade.server.endpoint import GRAPHQL, wants_page
from colonnade.testing.stand_ins import HARNESS, STAND_INS

HOST: Final = "127.0.0.1"
_PACKAGE: Final = Path(__file__).parents[1]
_GRAPHIQL: Final = (_PACKAGE / "graphiql", _PACKAGE.parents[2] / "build" / "graphiql")
"""GraphiQL as it is bundled from npm: in a released wheel, or where the repository of the SDK has built it."""


def serve(project: PluginsAtHand, port: int) -> int:
    """Serve the plugins at hand until interrupted; `port` 0 is any free one."""
    composition = compose_project(project)
    graphiql = next((place for place in _GRAPHIQL if (place / "index.html").is_file()), None)
    application = asgi(in_memory(composition, surroundings_of(project), os.environ), graphiql)
    try:
        listening = socket.create_server((HOST, port))
    except OSError as error:
        raise ConfigurationError(
            f"port {port} cannot be used ({error.strerror}); choose another with --port, or 0 for any"
        ) from error
    with listening:
        url = f"http://localhost:{listening.getsockname()[1]}"
        say("\n".join(_introduction(composition, url, graphiql is not None)))
        sys.stdout.flush()
        config = uvicorn.Config(application, log_level="warning", lifespan="off")
        try:
            uvicorn.Server(config).run(sockets=[listening])
        except KeyboardInterrupt:
            say("Stopped.")
    return 0


def asgi(server: Server, graphiql: Path | None) -> Starlette:
    """GraphQL at /graphql, which shows a browser the GraphiQL of that folder, if there is any."""
    routes: list[BaseRoute] = [
        Route("/", RedirectResponse(GRAPHQL)),
        Route(GRAPHQL, _Endpoint(server, graphiql)),
        Route("/favicon.ico", Response(status_code=204)),
    ]
    if graphiql is not None:
        routes.append(Mount("/graphiql", StaticFiles(directory=graphiql)))
    return Starlette(routes=routes)


class _Endpoint:
    """GraphQL for clients; for a person who opens it in a browser, the page that speaks it."""

    def __init__(self, server: Server, graphiql: Path | None) -> None:
        self._graphql = GraphQLApplication(server)
        self._page = graphiql / "index.html" if graphiql else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._page and wants_page(request_head(scope)):
            await FileResponse(self._page)(scope, receive, send)
        else:
            await self._graphql(scope, receive, send)


def _introduction(composition: Composition, url: str, graphiql: bool) -> list[str]:
    plugins = [status.name for status in composition.statuses if status.source != HARNESS]
    stand_ins = sorted(name for name, owner in composition.type_owners.items() if owner == STAND_INS)
    lines = [f"{', '.join(plugins)} at {url}/graphql"]
    if graphiql:
        lines.append("Open it in a browser for GraphiQL.")
    else:
        lines.append(
            "This SDK was built without GraphiQL; its released wheel has it. The API is there all the same."
        )
    lines.append(
        f"You are {DEVELOPER!r}, who holds every permission. What is written is gone when this stops."
    )
    if stand_ins:
        lines.append(f"Stand-ins for types that are not here: {', '.join(stand_ins)}.")
    return [*lines, "Stop with Ctrl-C."]
