"""The forms that parts of a message have: RFC 3986 for authorities and URIs, RFC 3339 for times.

Where the grammar leaves a choice of spelling, one is taken: hosts are not empty and have no user before them, numbers
have no leading zeros, `T` and `Z` are capitals, and there are no leap seconds.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from ipaddress import AddressValueError, IPv6Address
from typing import Final

_PERCENT: Final = "%[0-9A-Fa-f]{2}"
_NAME_CHARACTER: Final = f"(?:[A-Za-z0-9._~!$&'()*+,;=-]|{_PERCENT})"
_PATH_CHARACTER: Final = f"(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|{_PERCENT})"
_SEGMENTS: Final = f"(?:/{_PATH_CHARACTER}*)*"
_AUTHORITY: Final = rf"(?:\[(?P<ipv6>[0-9A-Fa-f:.]+)\]|{_NAME_CHARACTER}+)(?::(?P<port>[0-9]{{1,5}}))?"

_SCHEME: Final = re.compile("[A-Za-z][A-Za-z0-9+.-]*")
_DOMAIN: Final = re.compile(_AUTHORITY)
_URI: Final = re.compile(
    f"(?P<scheme>{_SCHEME.pattern}):"
    f"(?:(?://(?P<authority>{_AUTHORITY}){_SEGMENTS})"
    f"|/(?:{_PATH_CHARACTER}+{_SEGMENTS})?|{_PATH_CHARACTER}+{_SEGMENTS}|)"
    rf"(?:\?(?:{_PATH_CHARACTER}|[/?])*)?(?:#(?:{_PATH_CHARACTER}|[/?])*)?"
)
_STATEMENT: Final = re.compile(r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;= -]+")
_NONCE: Final = re.compile("[A-Za-z0-9]{8,}")
_CHAIN_ID: Final = re.compile("[1-9][0-9]{0,77}")
_REQUEST_ID: Final = re.compile(f"{_PATH_CHARACTER}*")
_TIME: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]+))?"
    r"(Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)


def is_scheme(text: str) -> bool:
    """Whether `text` is the scheme of a URI."""
    return _SCHEME.fullmatch(text) is not None


def is_domain(text: str) -> bool:
    """Whether `text` is an authority: a host, with or without a port."""
    return _well_placed(_DOMAIN.fullmatch(text))


def is_uri(text: str) -> bool:
    """Whether `text` is a URI with a scheme."""
    return _well_placed(_URI.fullmatch(text))


def is_statement(text: str) -> bool:
    """Whether `text` is one line of what the grammar calls reserved and unreserved characters, and spaces."""
    return _STATEMENT.fullmatch(text) is not None


def is_nonce(text: str) -> bool:
    """Whether `text` is eight or more letters and digits."""
    return _NONCE.fullmatch(text) is not None


def is_chain_id(text: str) -> bool:
    """Whether `text` is a positive number."""
    return _CHAIN_ID.fullmatch(text) is not None


def is_request_id(text: str) -> bool:
    """Whether `text` could stand in a path; it may be empty."""
    return _REQUEST_ID.fullmatch(text) is not None


def origin_of(uri: str) -> tuple[str, str] | None:
    """The scheme and the authority of a URI; None where it has no authority."""
    found = _URI.fullmatch(uri)
    return (found["scheme"], found["authority"]) if found and found["authority"] else None


def moment(text: str) -> datetime | None:
    """The moment, UTC, that an RFC 3339 date-time names, cut to microseconds; None for any other text."""
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    date_time, fraction, offset = found.groups()
    try:
        return datetime.fromisoformat(f"{date_time}.{(fraction or '')[:6]:0<6}{offset}").astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _well_placed(found: re.Match[str] | None) -> bool:
    """Whether the port and the IPv6 address in a match, if there are any, exist."""
    if found is None:
        return False
    if found["port"] is not None and int(found["port"]) > 65_535:
        return False
    try:
        return found["ipv6"] is None or bool(IPv6Address(found["ipv6"]).packed)
    except AddressValueError:
        return False
