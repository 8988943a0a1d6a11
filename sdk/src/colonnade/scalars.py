"""The scalars of the schema: what they look like on the wire, and what a resolver holds.

| GraphQL        | Python               | wire                                    |
|----------------|----------------------|-----------------------------------------|
| `BigInt`       | `BigInt` (int)       | base-10 string                          |
| `Decimal`      | `decimal.Decimal`    | base-10 string, no exponent             |
| `Address`      | `evm.Address` (str)  | EIP-55 string                           |
| `Hex`          | `Hex` (bytes)        | 0x-hex, even length                     |
| `Bytes32`      | `Bytes32` (bytes)    | 0x-hex of 32 bytes                      |
| `TxHash`       | `TxHash` (bytes)     | 0x-hex of 32 bytes                      |
| `ChainId`      | `chains.ChainId`     | Int                                     |
| `CurrencyCode` | `CurrencyCode` (str) | ISO 4217 or a listed symbol             |
| `DateTime`     | `datetime`, UTC      | RFC 3339, UTC                           |
| `Duration`     | `timedelta`          | ISO 8601, days to seconds               |
| `URL`          | `Url` (str)          | absolute http or https                  |
| `JSON`         | `Json` (object)      | any JSON; for foreign payloads only     |

Each parser refuses what is not in its form with a message that shows the form.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, NewType
from urllib.parse import urlsplit

import strawberry
from strawberry.types.scalar import ScalarDefinition

from colonnade.chains import ChainId
from colonnade.evm import Address, parse_address

BigInt = NewType("BigInt", int)
Hex = NewType("Hex", bytes)
Bytes32 = NewType("Bytes32", bytes)
TxHash = NewType("TxHash", bytes)
CurrencyCode = NewType("CurrencyCode", str)
Url = NewType("Url", str)
Json = NewType("Json", object)

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


@dataclass(frozen=True, slots=True)
class Scalar:
    """A scalar: the Python type resolvers annotate with, and how its values cross the wire."""

    python_type: object
    definition: ScalarDefinition

    @property
    def name(self) -> str:
        return self.definition.name


def scalar(
    python_type: object,
    *,
    name: str,
    description: str,
    serialize: Callable[[Any], object],
    parse: Callable[[Any], object],
    specified_by: str | None = None,
) -> Scalar:
    """Declare a scalar. `parse` raises ValueError, whose message the client sees, for what is not in its form."""
    definition = strawberry.scalar(
        name=name,
        description=description,
        serialize=serialize,
        parse_value=parse,
        specified_by_url=specified_by,
    )
    return Scalar(python_type, definition)


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


def parse_decimal(value: object) -> Decimal:
    """A Decimal from its base-10 string, without exponent."""
    form = 'as in "0.05"'
    text = _text(value, form, MAX_DIGITS)
    if not _DECIMAL.fullmatch(text):
        raise ValueError(f"expected a base-10 number without exponent, {form}")
    return Decimal(text)


def format_decimal(value: Decimal | int) -> str:
    """A finite Decimal as base-10 text, never with an exponent."""
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


def _parse_32_bytes(value: object) -> bytes:
    raw = parse_hex(value)
    if len(raw) != 32:
        raise ValueError(f"expected 32 bytes, got {len(raw)}")
    return raw


def _format_hex(value: bytes) -> str:
    return "0x" + value.hex()


def _format_32_bytes(value: bytes) -> str:
    if len(value) != 32:
        raise ValueError(f"expected 32 bytes, got {len(value)}")
    return _format_hex(value)


def _parse_chain_id(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 2**31:
        raise ValueError("expected a chain id, as in 8453")
    return value


def _parse_currency(value: object) -> str:
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


def _parse_address(value: object) -> Address:
    return parse_address(_text(value, 'as in "0x4200000000000000000000000000000000000006"', 42))


def _same(value: object) -> object:
    return value


SCALARS: Final[tuple[Scalar, ...]] = (
    scalar(
        BigInt,
        name="BigInt",
        description="An integer of any size as a base-10 string: atomic units, nonces, block numbers.",
        serialize=str,
        parse=parse_big_int,
    ),
    scalar(
        Decimal,
        name="Decimal",
        description="A decimal number as a base-10 string without exponent: prices, human amounts, rates.",
        serialize=format_decimal,
        parse=parse_decimal,
    ),
    scalar(
        Address,
        name="Address",
        description="A 20-byte EVM address. Given back in EIP-55; taken in any case, but not with a wrong checksum.",
        serialize=str,
        parse=_parse_address,
        specified_by="https://eips.ethereum.org/EIPS/eip-55",
    ),
    scalar(
        Hex,
        name="Hex",
        description="Bytes as 0x and an even number of hex digits.",
        serialize=_format_hex,
        parse=parse_hex,
    ),
    scalar(
        Bytes32,
        name="Bytes32",
        description="32 bytes as 0x and 64 hex digits.",
        serialize=_format_32_bytes,
        parse=_parse_32_bytes,
    ),
    scalar(
        TxHash,
        name="TxHash",
        description="The hash of a transaction: 0x and 64 hex digits.",
        serialize=_format_32_bytes,
        parse=_parse_32_bytes,
    ),
    scalar(
        ChainId,
        name="ChainId",
        description="The EIP-155 id of a chain; 8453 is Base.",
        serialize=int,
        parse=_parse_chain_id,
    ),
    scalar(
        CurrencyCode,
        name="CurrencyCode",
        description="An ISO 4217 code, or a symbol of this deployment's currency list such as USDC.",
        serialize=str,
        parse=_parse_currency,
    ),
    scalar(
        datetime,
        name="DateTime",
        description="A moment in UTC, RFC 3339.",
        serialize=format_date_time,
        parse=parse_date_time,
        specified_by="https://datatracker.ietf.org/doc/html/rfc3339",
    ),
    scalar(
        timedelta,
        name="Duration",
        description="A length of time in days, hours, minutes and seconds, ISO 8601.",
        serialize=format_duration,
        parse=parse_duration,
    ),
    scalar(
        Url,
        name="URL",
        description="An absolute http or https URL.",
        serialize=str,
        parse=parse_url,
    ),
    scalar(
        Json,
        name="JSON",
        description="JSON that is not ours to describe: EIP-712 messages, wallet capabilities.",
        serialize=_same,
        parse=_same,
    ),
)
"""The SDK's own scalars."""
