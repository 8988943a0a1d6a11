"""Compressing responses: an HTTP API passes them on as they are, and charges for every byte.

A length tells something of what was compressed: whoever can have their own text put beside a secret, and watch sizes,
can guess the secret letter by letter (BREACH). So mutations, the only operations that answer with secrets (tokens, keys)
and that echo their inputs, are never compressed; queries are, since nothing a query holds is a credential, and since
credentials travel in a header that no other site can make a browser send.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import replace
from typing import Final

from colonnade.http import Response

SMALLEST: Final = 1_400
"""Bytes below which nothing is won: a packet is sent anyway."""

LEVEL: Final = 1
"""A quarter of the time of zlib's own choice, for a seventh more bytes."""

_GZIP: Final = 16 + zlib.MAX_WBITS
_QUALITY: Final = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?")
_NAMES: Final = ("gzip", "x-gzip")


def takes_gzip(accept_encoding: str | None) -> bool:
    """Whether a client takes gzip, and not rather something uncompressed (RFC 9110 §12.5.3)."""
    if not accept_encoding:
        return False
    wanted: dict[str, float] = {}
    for member in accept_encoding.lower().split(","):
        coding, _, parameter = member.partition(";")
        name, _, quality = parameter.partition("=")
        if not parameter.strip():
            wanted[coding.strip()] = 1.0
        elif name.strip() == "q" and _QUALITY.fullmatch(quality.strip()):
            wanted[coding.strip()] = float(quality)
    gzip = max((wanted[name] for name in _NAMES if name in wanted), default=wanted.get("*", 0.0))
    return gzip > 0 and gzip >= wanted.get("identity", 0.0)


def compressed(response: Response, accept_encoding: str | None) -> Response:
    """`response` in gzip where the client takes that and it is worth it; in any case it says what it depends on.

    A strong `etag` becomes a weak one: the bytes are others, and mean the same (RFC 9110 §8.8.1).
    """
    vary = response.headers.get("vary")
    headers = {**response.headers, "vary": f"{vary}, accept-encoding" if vary else "accept-encoding"}
    if (
        len(response.body) < SMALLEST
        or "content-encoding" in headers
        or response.status < 200
        or not takes_gzip(accept_encoding)
    ):
        return replace(response, headers=headers)
    packing = zlib.compressobj(LEVEL, zlib.DEFLATED, _GZIP)
    body = packing.compress(response.body) + packing.flush()
    if len(body) >= len(response.body):
        return replace(response, headers=headers)
    headers["content-encoding"] = "gzip"
    etag = headers.get("etag", "")
    if etag.startswith('"'):
        headers["etag"] = f"W/{etag}"
    return Response(response.status, headers, body)
