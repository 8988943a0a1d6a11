"""What browsers see: the start page, GraphiQL and its assets. GraphQL itself is the same server's here too."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request as HttpRequest
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from colonnade.health import Status
from colonnade.rates import holder_of
from colonnade.routes import Route as PluginRoute
from colonnade.server.asgi import GraphQLApplication, read_request, request_head
from colonnade.server.endpoint import GRAPHQL, wants_page
from colonnade.server.plugin_routes import answer_of
from colonnade.server.refusal import Refusal
from colonnade.server.responses import fault_response
from colonnade.server.spending import ROUTE
from handlers import development as local
from handlers.deep_health import DeepHealth
from handlers.development import Development
from handlers.health import HealthCheck
from handlers.runtime import Application
from handlers.security import Wary
from handlers.start_page import SCHEMA, SCRIPT, STYLE, Page, start_page

ROOT: Final = Path(__file__).resolve().parents[1]
ASSETS: Final = ROOT / "build" / "graphiql"
_HERE: Final = Path(__file__).parent
_FILES: Final = {
    "/favicon.ico": (_HERE / "icon.svg", "image/svg+xml"),
    STYLE: (_HERE / "start.css", "text/css"),
    SCRIPT: (_HERE / "start.js", "text/javascript"),
}

# Monaco writes its styles and its small pictures into the page.
_GRAPHIQL_POLICY: Final = (
    "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src {connect}; manifest-src 'self'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_PAGE_POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def build_app(application: Application, development: Development | None = None) -> Starlette:
    """The application as ASGI. GraphiQL is there only where the settings ask for it; `development`: a laptop's."""
    routes: list[BaseRoute] = [
        Route("/", _StartPage(application, development), methods=["GET"]),
        Route("/health", _health),
        Route("/health/deep", _DeepHealth(application), methods=["GET"]),
        *(Route(path, _file) for path in _FILES),
        Route(GRAPHQL, _Endpoint(application, development)),
    ]
    if development is not None:
        routes.append(Route(local.PATH, development.session, methods=["POST"]))
    offered = application.composition.routes
    routes += [
        Route(path, _PluginRoutes(application, [found for found in offered if found[1].path == path]))
        for path in dict.fromkeys(route.path for _, route in offered)
    ]
    if application.settings.graphiql:
        if application.settings.introspection == "everyone":
            routes.append(Route(SCHEMA, _Schema(application), methods=["GET"]))
        # Compressed: the editor is 5 MB, of the 6 MB that a function may answer.
        files = GZipMiddleware(StaticFiles(directory=ASSETS, check_dir=False), compresslevel=6)
        routes.append(Mount("/graphiql", files))
    return Starlette(routes=routes, middleware=[Middleware(Wary)])


class _Endpoint:
    """GraphQL, and the page that speaks it."""

    def __init__(self, application: Application, development: Development | None) -> None:
        self._graphql = GraphQLApplication(application.server, _request_id)
        self._graphiql = application.settings.graphiql
        self._sockets = application.settings.sockets_url()
        self._development = development

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._graphiql and wants_page(request_head(scope)):
            await _graphiql_page(self._sockets, self._development)(scope, receive, send)
        else:
            await self._graphql(scope, receive, send)


class _PluginRoutes:
    """What plugins answer at one path beside GraphQL."""

    def __init__(self, application: Application, routes: Sequence[tuple[str, PluginRoute]]) -> None:
        self._application = application
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        limit = self._application.server.limits.body_bytes
        request = request_head(scope, _request_id(scope) or uuid.uuid4().hex)
        with self._application.telemetry.recording(
            "route", request.request_id, request.headers.get("traceparent")
        ) as record:
            record.operation = self._routes[0][1].path
            try:
                await self._application.server.spending.spend(holder_of(None, request.source_ip), ROUTE)
            except Refusal as refusal:
                record.codes = (refusal.fault.code,)
                answer = fault_response(refusal.status, refusal.fault, request.request_id, refusal.headers)
            else:
                request = await read_request(scope, receive, limit, request.request_id)
                answer = await answer_of(
                    self._routes, self._application.make_context, request, body_bytes=limit
                )
            record.status = answer.status
            record.bytes_in, record.bytes_out = len(request.body), len(answer.body)
        headers = {**answer.headers, "content-length": str(len(answer.body))}
        body = b"" if request.method == "HEAD" else answer.body
        await Response(body, answer.status, headers)(scope, receive, send)


class _StartPage:
    """How things are, links, and what this deployment is made of."""

    def __init__(self, application: Application, development: Development | None) -> None:
        self._application = application
        self._development = development
        self._health = HealthCheck(application, tuple(application.settings.endpoints()))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        application, development = self._application, self._development
        page = Page(
            await self._health.look(),
            application.adapters.clock.now(),
            application.composition.statuses,
            [route for _, route in application.composition.routes],
            application.settings.graphiql,
            await development.holdings(application.server) if development else (),
            development.rpc if development else None,
        )
        headers = {"content-security-policy": _PAGE_POLICY, "cache-control": "no-store"}
        await HTMLResponse(start_page(page), headers=headers)(scope, receive, send)


class _DeepHealth:
    """How everything is that the application stands on: names and statuses, for everybody."""

    def __init__(self, application: Application) -> None:
        self._health = DeepHealth(application)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        report = await self._health.look()
        status = 503 if report.status is Status.DOWN else 200
        await JSONResponse(report.shown(), status, {"cache-control": "no-store"})(scope, receive, send)


class _Schema:
    """The schema in GraphQL's own language, where GraphiQL would show it anyway."""

    def __init__(self, application: Application) -> None:
        self._text = application.composition.schema.as_str

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse(self._text())(scope, receive, send)


def _graphiql_page(sockets: str | None, development: Development | None) -> Response:
    """The page. `sockets`: where it opens its WebSocket, if that is not where GraphQL is."""
    index = ASSETS / "index.html"
    if not index.exists():
        return HTMLResponse("<p>GraphiQL is not built: run <code>make setup</code>.", status_code=503)
    page = index.read_text()
    if development is not None:
        page = page.replace("<html ", f'<html data-session="{local.PATH}" ', 1)
    if sockets is not None:
        page = page.replace("<html ", f'<html data-sockets="{sockets}" ', 1)
    policy = _GRAPHIQL_POLICY.format(connect=f"'self' {sockets}" if sockets else "'self'")
    return HTMLResponse(
        page, headers={"content-security-policy": policy, "cache-control": "no-store", "vary": "accept"}
    )


async def _health(request: HttpRequest) -> Response:
    return JSONResponse({"status": "ok"}, headers={"cache-control": "no-store"})


async def _file(request: HttpRequest) -> Response:
    file, media_type = _FILES[request.url.path]
    return FileResponse(file, media_type=media_type, headers={"cache-control": "max-age=3600"})


def _request_id(scope: Scope) -> str:
    """API Gateway's id of the request, which Mangum passes on."""
    event = scope.get("aws.event") or {}
    return str(event.get("requestContext", {}).get("requestId", ""))
