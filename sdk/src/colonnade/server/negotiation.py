"""Which media type a client may send, and which one it gets back (RFC 9110 §12.5.1, GraphQL over HTTP)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from colonnade.server.refusal import Refusal

JSON: Final = "application/json"
GRAPHQL_RESPONSE: Final = "application/graphql-response+json"

# The first is what a client gets that does not care.
_OFFERED: Final = (JSON, GRAPHQL_RESPONSE)
_QUALITY: Final = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?")
_UTF_8: Final = frozenset({"utf-8", "utf8"})


@dataclass(frozen=True, slots=True)
class _Range:
    """One member of an Accept header."""

    media: str
    quality: float
    position: int

    def specificity(self, offered: str) -> int:
        """How closely this range names `offered`: 2 exactly, 1 by its type, 0 as anything, -1 not at all."""
        if self.media == offered:
            return 2
        if self.media == offered.partition("/")[0] + "/*":
            return 1
        return 0 if self.media == "*/*" else -1


def response_type(accept: str | None) -> str:
    """The offered media type that `accept` likes best. Raises `Refusal` (406) where it names none of them."""
    if accept is None or not accept.strip():
        return _OFFERED[0]
    ranges = tuple(_ranges(accept))
    ranked: list[tuple[float, int, int, str]] = []
    for offered in _OFFERED:
        matches = [(r.specificity(offered), r) for r in ranges]
        matches = [match for match in matches if match[0] >= 0]
        if not matches:
            continue
        specificity, closest = max(matches, key=lambda match: (match[0], -match[1].position))
        if closest.quality > 0:
            ranked.append((closest.quality, specificity, -closest.position, offered))
    if not ranked:
        raise Refusal(406, "NOT_ACCEPTABLE", f"this endpoint answers {' or '.join(_OFFERED)}, in UTF-8")
    return max(ranked, key=lambda candidate: candidate[:3])[3]


def require_json_body(content_type: str | None, content_encoding: str | None) -> None:
    """Raises `Refusal` (415) unless the body is declared to be plain JSON in UTF-8.

    This is also what keeps other sites out: a browser sends `application/json` across origins only after asking.
    """
    media, parameters = _split(content_type or "")
    if media != JSON:
        sent = f"not {media[:100]!r}" if media else "and none was sent"
        raise Refusal(415, "UNSUPPORTED_MEDIA_TYPE", f"the Content-Type of a POST is {JSON}, {sent}")
    charset = parameters.get("charset", "utf-8")
    if charset not in _UTF_8:
        raise Refusal(415, "UNSUPPORTED_MEDIA_TYPE", f"the body is UTF-8, not {charset[:40]!r}")
    if content_encoding is not None and content_encoding.strip().lower() not in {"", "identity"}:
        raise Refusal(415, "UNSUPPORTED_MEDIA_TYPE", "send the body without Content-Encoding")


def _ranges(accept: str) -> Iterator[_Range]:
    """The members of an Accept header that make sense; others are as if they had not been sent."""
    for position, member in enumerate(accept.split(",")):
        media, parameters = _split(member)
        quality = parameters.get("q", "1")
        if "/" in media and _QUALITY.fullmatch(quality) and parameters.get("charset", "utf-8") in _UTF_8:
            yield _Range(media, float(quality), position)


def _split(value: str) -> tuple[str, dict[str, str]]:
    """A media type and its parameters, all lower case."""
    media, *rest = value.split(";")
    pairs = (part.partition("=") for part in rest)
    return media.strip().lower(), {
        name.strip().lower(): text.strip().strip('"').lower() for name, _, text in pairs
    }
