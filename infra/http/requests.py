"""What is sent, and what of it follows a redirect."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final
from urllib.parse import urljoin

from colonnade.errors import OutboundForbidden
from colonnade.outbound import OutboundRequest, OutboundResponse
from colonnade.outbound_urls import OutboundUrl, checked_url

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})
REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})

_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE: Final = re.compile(r"[\t\x20-\x7e]*")
_OWN: Final = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-length",
        "expect",
        "host",
        "keep-alive",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_ANYWHERE: Final = frozenset({"accept", "accept-language", "user-agent"})
"""Headers that go to whatever origin a redirect leads to; others are meant for the first."""


def check_parts(request: OutboundRequest) -> None:
    """Raises `OutboundForbidden` for a method or a header that could make two requests of one."""
    if request.method not in METHODS:
        raise OutboundForbidden(f"a method is one of {', '.join(sorted(METHODS))}", rule="method")
    for name, value in request.headers.items():
        if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
            raise OutboundForbidden(f"the header {name[:40]!r} is no plain text on one line", rule="header")
        if name.lower() in _OWN or name.lower().startswith("proxy-"):
            raise OutboundForbidden(f"the header {name} is the connection's own", rule="header")


def written(request: OutboundRequest, url: OutboundUrl) -> bytes:
    """The bytes of a request whose parts were checked."""
    given = {name.lower(): value for name, value in request.headers.items()}
    headers = {"user-agent": "Colonnade", "accept": "*/*", **given, "accept-encoding": "gzip"}
    if request.body or request.method in {"POST", "PUT", "PATCH"}:
        headers["content-length"] = str(len(request.body))
    lines = [f"{request.method} {url.path} HTTP/1.1", f"host: {url.authority}", "connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join((*lines, "", "")).encode("ascii") + request.body


def redirected(
    request: OutboundRequest, url: OutboundUrl, answer: OutboundResponse, *, loopback: bool
) -> tuple[OutboundRequest, OutboundUrl]:
    """What is asked next, and where, after a redirect from `url`; as fetch does it, and stricter.

    Raises `OutboundForbidden` where that may not be asked, or where a body would reach another origin.
    """
    place = urljoin(f"{url.scheme}://{url.authority}{url.path}", answer.headers["location"])
    target = checked_url(place, loopback=loopback and url.loopback)
    changed = answer.status == 303 or (answer.status in {301, 302} and request.method == "POST")
    method = "GET" if changed and request.method != "HEAD" else request.method
    next_ = replace(request, method=method, body=b"" if changed else request.body)
    if changed:
        next_ = replace(next_, headers=_without(next_, "content-"))
    if target.origin != url.origin:
        if next_.body:
            raise OutboundForbidden("a redirect would take the body to another origin", rule="redirect")
        kept = {name: value for name, value in next_.headers.items() if name.lower() in _ANYWHERE}
        next_ = replace(next_, headers=kept)
    return replace(next_, redirects=request.redirects - 1), target


def _without(request: OutboundRequest, prefix: str) -> dict[str, str]:
    return {name: value for name, value in request.headers.items() if not name.lower().startswith(prefix)}
