"""Where the API is, and when a browser is shown a page there instead of JSON."""

from __future__ import annotations

from typing import Final

from colonnade.http import Request

GRAPHQL: Final = "/graphql"


def wants_page(request: Request) -> bool:
    """Whether this is a person opening the endpoint: a GET for HTML that brings no query."""
    if request.method != "GET" or "query=" in request.query:
        return False
    return "text/html" in request.headers.get("accept", "").lower()
