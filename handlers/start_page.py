"""The page at /: where to go from here, and what stands behind it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final
from urllib.parse import quote

from colonnade.registry import PluginState, PluginStatus
from colonnade.routes import Route
from colonnade.server.endpoint import GRAPHQL
from handlers.first_query import FIRST_QUERY

_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:3rem auto;padding:0 1rem;color:#111;"
    "background:#fff}h1{font-size:1.5rem}table{border-collapse:collapse;width:100%}"
    "td,th{text-align:left;padding:.25rem .75rem .25rem 0;border-bottom:1px solid #ddd;vertical-align:top}"
    "a{color:#00c}@media(prefers-color-scheme:dark){body{color:#eee;background:#111}a{color:#8af}"
    "td,th{border-color:#333}}"
)


def start_page(plugins: Sequence[PluginStatus], routes: Sequence[Route] = (), *, graphiql: bool) -> str:
    """The page as HTML."""
    links = [("/health", "whether this answers")]
    if graphiql:
        first = f"{GRAPHQL}#query={quote(FIRST_QUERY)}"
        links = [(GRAPHQL, "GraphiQL, to write queries in"), (first, "a first query there"), *links]
    links += [(route.path, escape(route.description)) for route in routes if route.method == "GET"]
    listed = "".join(f'<li><a href="{to}">{to.partition("#")[0]}</a>: {what}' for to, what in links)
    rows = "".join(map(_row, plugins))
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Colonnade</title>'
        '<meta name="viewport" content="width=device-width"><link rel="icon" href="/favicon.ico">'
        f"<style>{_STYLE}</style><h1>Colonnade</h1>"
        f"<p>GraphQL is at <code>POST {GRAPHQL}</code>.<ul>{listed}</ul>"
        f"<table><thead><tr><th>Plugin<th>Version<th>Status<tbody>{rows}</table></html>\n"
    )


def _row(plugin: PluginStatus) -> str:
    state = "active" if plugin.state is PluginState.ACTIVE else f"skipped: {escape(plugin.reason or '')}"
    return f"<tr><td>{escape(plugin.name)}<td>{escape(plugin.version)}<td>{state}"
