"""Keeping keys out of what is written down."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, quote, unquote, urlsplit

HIDDEN: Final = "[hidden]"
_PROBE: Final = "x"
MOST_KNOWN: Final = 1_024
LONGEST_KNOWN: Final = 64
"""Texts without secrets that are remembered, and their longest, in characters: names, most of all, of which each line
of a log has the same dozen."""

SHORTEST: Final = 8
"""A shorter text is not looked for: it would blot out half of the log."""

_URL: Final = re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s\"'<>`)\]}\\]+", re.IGNORECASE)
_URL_ITSELF: Final = re.compile(r"https?://.*", re.IGNORECASE)
_LONG_SEGMENT: Final = re.compile(r"[^/]{20,}")
_PATTERNS: Final = (
    # Headers, in whatever shape they were printed.
    re.compile(
        r"(?i)(?P<keep>\b(?:proxy-)?authorization|\bx-api-key|\bx-amz-security-token|\bset-cookie|\bcookie)"
        r"(?P<sign>[\"']?\s*[:=,]\s*[bB]?[\"']?)[^\"'\r\n]+"
    ),
    re.compile(r"(?i)\b(?P<keep>bearer|basic)(?P<sign>\s+)[a-z0-9._~+/=-]{8,}"),
    # Assignments that say what they hold.
    re.compile(
        r"(?i)(?P<keep>\b[a-z0-9_]*(?:password|passwd|passphrase|secret|mnemonic|api_?key|apikey|private_?key"
        r"|access_?key|cursor_?key|(?:access|auth|refresh|session|id)_?token))"
        r"(?P<sign>(?:\\?[\"'])?\s*[:=]\s*[bB]?(?:\\?[\"'])?)[^\s\"',;})\]\\]+"
    ),
    # Private keys, and whatever else is as long in hex: a log is no place to tell them apart.
    re.compile(r"(?P<keep>)(?P<sign>)(?:0x)?[0-9a-fA-F]{64,}"),
    re.compile(r"(?P<keep>)(?P<sign>)\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"),
    re.compile(r"(?P<keep>)(?P<sign>)\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    re.compile(
        r"(?P<keep>)(?P<sign>)-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)"
    ),
)


class Redactor:
    """Replaces `secrets`, and whatever looks like one, in everything that is to be logged."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = {form for secret in secrets for form in _forms(secret) if len(form) >= SHORTEST}
        longest_first = sorted(known, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, longest_first))) if known else None
        self._clean: set[str] = set()
        self._tells: dict[str, bool] = {}

    def text(self, text: str) -> str:
        """`text` without secrets."""
        if text in self._clean:
            return text
        shown = self._redacted(text)
        if shown == text and len(text) <= LONGEST_KNOWN and len(self._clean) < MOST_KNOWN:
            self._clean.add(text)
        return shown

    def known(self, text: str) -> str:
        """`text` without `secrets`, and otherwise as it is."""
        return text if self._known is None else self._known.sub(HIDDEN, text)

    def _redacted(self, text: str) -> str:
        text = self.known(text)
        text = _URL.sub(_bare_url, text)
        for pattern in _PATTERNS:
            text = pattern.sub(rf"\g<keep>\g<sign>{HIDDEN}", text)
        return text

    def value(self, value: Any) -> Any:
        """`value` as JSON can hold it, every text in it without secrets."""
        kind: type[Any] = type(value)
        if kind is str:  # most of a line, and told without asking what else it may be
            return self.text(value)
        if value is None or kind is int or kind is float or isinstance(value, bool | int | float):
            return value
        if isinstance(value, Mapping):
            return self._members(value)
        if isinstance(value, list | tuple | set | frozenset):
            return [self.value(member) for member in value]
        return self.text(str(value))

    def _members(self, value: Mapping[Any, Any]) -> dict[str, Any]:
        shown: dict[str, Any] = {}
        for name, member in value.items():
            if type(name) is str and name in self._clean and self._tells.get(name):
                # Most of what is logged: a name that was seen before, and a number or a text that was.
                kind: type[Any] = type(member)
                plain = kind is int or kind is float or (kind is str and member in self._clean)
                shown[name] = member if plain else self.value(member)
            else:
                shown[self.text(str(name))] = self._member(str(name), member)
        return shown

    def _member(self, name: str, value: Any) -> Any:
        shown = self._tells.get(name)
        if shown is None:
            # A pair that would be hidden if it were written out is hidden here too.
            shown = self.text(f"{name}: {_PROBE}").endswith(_PROBE)
            if len(name) <= LONGEST_KNOWN and len(self._tells) < MOST_KNOWN:
                self._tells[name] = shown
        return self.value(value) if shown else HIDDEN


def _forms(secret: str) -> Iterable[str]:
    """A secret as it may be spelled: as given, percent-encoded or not, and the parts of a URL that may be keys."""
    parts = [secret]
    if found := _URL_ITSELF.search(secret):
        url = urlsplit(found[0])
        parts += [found[0], url.username or "", url.password or "", url.path, url.query]
        parts += [*url.path.split("/"), *(value for _, value in parse_qsl(url.query))]
    for part in parts:
        yield from {part, unquote(part), quote(part, safe="")}


def _bare_url(match: re.Match[str]) -> str:
    """A URL without its user part, its query's values and the parts of its path that are long enough for a key."""
    scheme, _, rest = match[0].partition("://")
    rest, question, query = rest.partition("?")
    authority, slash, path = rest.partition("/")
    user, at, host = authority.rpartition("@")
    shown = f"{scheme}://{HIDDEN + at if user else ''}{host}{slash}{_LONG_SEGMENT.sub(HIDDEN, path)}"
    return f"{shown}?{HIDDEN}" if question and query else shown + question
