"""The text forms of scalars: what a client writes and reads.

Every `parse_*` takes one form and raises ValueError, with a message that shows the form, for anything else.
Every `format_*` writes what its parser takes.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final
from urllib.parse import urlsplit

from colonnade.evm import Address, parse_address

MAX_DIGITS: Final = 100
MAX_HEX_BYTES: Final = 128 * 1024

_INTEGER = re.compile(r"(?:0|-?[1-9][0-9]*)", re.ASCII)
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?", re.ASCII)
_HEX = re.compile(r"0x(?:[0-9a-fA-F]{2})*", re.ASCII)
_CURRENCY = re.compile(r"[A-Za-z0-9]{2,12}", re.ASCII)
_DATE_TIME = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)",
    re.ASCII,
)
_DURATION = re.compile(
    r"P(?:(?P<days>\d{1,9})D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d{1,9})H)?(?:(?P<minutes>\d{1,9})M)?"
    r"(?:(?P<seconds>\d{1,9})(?:\.(?P<fraction>\d{1,6}))?S)?)?",
    re.ASCII,
)


def _text(value: object, form: str, limit: int) -> str:
    if not isinstance(value, str):
        raise ValueError(f"expected a string, {form}")
    if len(value) > limit:
        raise ValueError(f"too long: at most {limit} characters, {form}")
    return value


def parse_big_int(value: object) -> int:
    """An int from its base-10 string; a JSON number is refused, since clients round it beyond 2^53."""
    form = 'as in "1000000"'
    text = _text(value, form, MAX_DIGITS)
    if not _INTEGER.fullmatch(text):
        raise ValueError(f"expected a base-10 integer, {form}")
    return int(text)


def format_big_int(value: object) -> str:
    """A base-10 string. Anything but an int is a programming error: a float has lost digits already."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"a BigInt on the wire is an int, not a {type(value).__name__}")
    return str(value)


def parse_decimal(value: object) -> Decimal:
    """A Decimal from its base-10 string, without exponent."""
    form = 'as in "0.05"'
    text = _text(value, form, MAX_DIGITS)
    if not _DECIMAL.fullmatch(text):
        raise ValueError(f"expected a base-10 number without exponent, {form}")
    return Decimal(text)


def format_decimal(value: object) -> str:
    """A finite Decimal as base-10 text, never with an exponent. A float, which is no exact amount, is refused."""
    if not isinstance(value, Decimal | int) or isinstance(value, bool):
        raise ValueError(f"a Decimal on the wire is a Decimal, not a {type(value).__name__}")
    number = Decimal(value)
    if not number.is_finite():
        raise ValueError("a Decimal on the wire is finite")
    return format(number, "f")


def parse_hex(value: object) -> bytes:
    """Bytes from 0x-hex of even length."""
    form = 'as in "0x00ff"'
    text = _text(value, form, 2 + 2 * MAX_HEX_BYTES)
    if not _HEX.fullmatch(text):
        raise ValueError(f"expected 0x and an even number of hex digits, {form}")
    return bytes.fromhex(text[2:])


def parse_32_bytes(value: object) -> bytes:
    """32 bytes from 0x-hex."""
    raw = parse_hex(value)
    if len(raw) != 32:
        raise ValueError(f"expected 32 bytes, got {len(raw)}")
    return raw


def format_hex(value: bytes) -> str:
    """0x-hex."""
    return "0x" + value.hex()


def format_32_bytes(value: bytes) -> str:
    """0x-hex of 32 bytes; bytes of another length are a programming error."""
    if len(value) != 32:
        raise ValueError(f"expected 32 bytes, got {len(value)}")
    return format_hex(value)


def parse_chain_id(value: object) -> int:
    """A chain id (EIP-155) from a JSON integer."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 2**31:
        raise ValueError("expected a chain id, as in 8453")
    return value


def parse_currency(value: object) -> str:
    """A currency code of 2 to 12 letters and digits."""
    text = _text(value, 'as in "USD"', 12)
    if not _CURRENCY.fullmatch(text):
        raise ValueError('expected a currency code, as in "USD" or "USDC"')
    return text


def parse_date_time(value: object) -> datetime:
    """A UTC datetime from RFC 3339 with an offset."""
    form = 'as in "2026-11-22T10:00:00Z"'
    text = _text(value, form, 40)
    if not _DATE_TIME.fullmatch(text):
        raise ValueError(f"expected RFC 3339 with an offset, {form}")
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"no such time, {form}") from error


def format_date_time(value: datetime) -> str:
    """RFC 3339 in UTC. A datetime without a time zone is a programming error."""
    if value.tzinfo is None:
        raise ValueError("a DateTime on the wire has a time zone")
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def parse_duration(value: object) -> timedelta:
    """A timedelta from ISO 8601 in days, hours, minutes and seconds (months and years have no fixed length)."""
    form = 'as in "PT5M" or "P1DT12H"'
    text = _text(value, form, 60)
    found = _DURATION.fullmatch(text)
    if found is None or text in {"P", "PT"}:
        raise ValueError(f"expected an ISO 8601 duration of days to seconds, {form}")
    parts = found.groupdict(default="0")
    try:
        return timedelta(
            days=int(parts["days"]),
            hours=int(parts["hours"]),
            minutes=int(parts["minutes"]),
            seconds=int(parts["seconds"]),
            microseconds=int(parts["fraction"].ljust(6, "0")),
        )
    except OverflowError as error:
        raise ValueError(f"too long a duration, {form}") from error


def format_duration(value: timedelta) -> str:
    """ISO 8601 in days, hours, minutes and seconds. A negative duration is a programming error."""
    if value < timedelta():
        raise ValueError("a Duration on the wire is not negative")
    minutes, seconds = divmod(value.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    second = f"{seconds}.{value.microseconds:06}".rstrip("0") if value.microseconds else str(seconds)
    days = f"{value.days}D" if value.days else ""
    clock = "".join(
        part
        for part in (
            f"{hours}H" if hours else "",
            f"{minutes}M" if minutes else "",
            f"{second}S" if second != "0" else "",
        )
        if part
    )
    return f"P{days}T{clock}" if clock else f"P{days}" if days else "PT0S"


def parse_url(value: object) -> str:
    """An absolute http or https URL, without user information."""
    form = 'as in "https://example.org/path"'
    text = _text(value, form, 2_048)
    if not text.isascii() or any(c <= " " or c == "\x7f" or c in '<>"\\^`{|}' for c in text):
        raise ValueError(f"expected a URL of printable ASCII, {form}")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise ValueError(f"not a URL, {form}") from error
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
        raise ValueError(f"expected an absolute http or https URL, {form}")
    if parts.username is not None or parts.password is not None:
        raise ValueError("a URL carries no user name or password")
    return text


def parse_address_form(value: object) -> Address:
    """An address in any case, unless its mixed case is not the checksum."""
    return parse_address(_text(value, 'as in "0x4200000000000000000000000000000000000006"', 42))
