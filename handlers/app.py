"""What browsers see: the start page, GraphiQL and its assets. GraphQL itself is the same server's here too."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from colonnade.routes import Route as PluginRoute
from colonnade.server.asgi import GraphQLApplication, read_request, request_head
from colonnade.server.endpoint import GRAPHQL, wants_page
from colonnade.server.plugin_routes import answer_of
from handlers.runtime import Application
from handlers.start_page import start_page

ROOT: Final = Path(__file__).resolve().parents[1]
ASSETS: Final = ROOT / "build" / "graphiql"
ICON: Final = Path(__file__).with_name("icon.svg")

# Monaco writes its styles and its small pictures into the page.
_GRAPHIQL_POLICY: Final = (
    "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'; manifest-src 'self'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_PAGE_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_SAFE: Final = {"x-content-type-options": "nosniff", "referrer-policy": "no-referrer"}


def build_app(application: Application) -> Starlette:
    """The application as ASGI. GraphiQL is there only where the settings ask for it."""
    routes: list[BaseRoute] = [
        Route("/", _StartPage(application)),
        Route("/health", _health),
        Route("/favicon.ico", _icon),
        Route(GRAPHQL, _Endpoint(application)),
    ]
    routes += [
        Route(route.path, _PluginRoute(application, plugin, route))
        for plugin, route in application.composition.routes
    ]
    if application.settings.graphiql:
        routes.append(Mount("/graphiql", StaticFiles(directory=ASSETS, check_dir=False)))
    return Starlette(routes=routes)


class _Endpoint:
    """GraphQL, and the page that speaks it."""

    def __init__(self, application: Application) -> None:
        self._graphql = GraphQLApplication(application.server, _request_id)
        self._graphiql = application.settings.graphiql

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._graphiql and wants_page(request_head(scope)):
            await _graphiql_page()(scope, receive, send)
        else:
            await self._graphql(scope, receive, send)


class _PluginRoute:
    """What a plugin answers beside GraphQL."""

    def __init__(self, application: Application, plugin: str, route: PluginRoute) -> None:
        self._application = application
        self._plugin = plugin
        self._route = route

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        limit = self._application.server.limits.body_bytes
        request = await read_request(scope, receive, limit, _request_id(scope) or uuid.uuid4().hex)
        answer = await answer_of(
            self._plugin, self._route, self._application.make_context, request, body_bytes=limit
        )
        headers = {**answer.headers, "content-length": str(len(answer.body))}
        body = b"" if request.method == "HEAD" else answer.body
        await Response(body, answer.status, headers)(scope, receive, send)


class _StartPage:
    """Links, and what this deployment is made of."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        settings, statuses = self._application.settings, self._application.composition.statuses
        routes = [route for _, route in self._application.composition.routes]
        page = start_page(statuses, routes, graphiql=settings.graphiql)
        headers = {**_SAFE, "content-security-policy": _PAGE_POLICY}
        await HTMLResponse(page, headers=headers)(scope, receive, send)


def _graphiql_page() -> Response:
    index = ASSETS / "index.html"
    if not index.exists():
        return HTMLResponse("<p>GraphiQL is not built: run <code>make setup</code>.", status_code=503)
    return FileResponse(
        index, headers={**_SAFE, "content-security-policy": _GRAPHIQL_POLICY, "vary": "accept"}
    )


async def _health(request: HttpRequest) -> Response:
    return JSONResponse({"status": "ok"}, headers={"cache-control": "no-store"})


async def _icon(request: HttpRequest) -> Response:
    return FileResponse(ICON, media_type="image/svg+xml", headers={"cache-control": "max-age=86400"})


def _request_id(scope: Scope) -> str:
    """API Gateway's id of the request, which Mangum passes on."""
    event = scope.get("aws.event") or {}
    return str(event.get("requestContext", {}).get("requestId", ""))
