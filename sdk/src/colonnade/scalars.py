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

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final, NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

from colonnade import wire_forms
from colonnade.chains import ChainId
from colonnade.evm import Address

BigInt = NewType("BigInt", int)
Hex = NewType("Hex", bytes)
Bytes32 = NewType("Bytes32", bytes)
TxHash = NewType("TxHash", bytes)
CurrencyCode = NewType("CurrencyCode", str)
Url = NewType("Url", str)
Json = NewType("Json", object)


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


def _same(value: object) -> object:
    return value


SCALARS: Final[tuple[Scalar, ...]] = (
    scalar(
        BigInt,
        name="BigInt",
        description="An integer of any size as a base-10 string: atomic units, nonces, block numbers.",
        serialize=wire_forms.format_big_int,
        parse=wire_forms.parse_big_int,
    ),
    scalar(
        Decimal,
        name="Decimal",
        description="A decimal number as a base-10 string without exponent: prices, human amounts, rates.",
        serialize=wire_forms.format_decimal,
        parse=wire_forms.parse_decimal,
    ),
    scalar(
        Address,
        name="Address",
        description="A 20-byte EVM address. Given back in EIP-55; taken in any case, but not with a wrong checksum.",
        serialize=str,
        parse=wire_forms.parse_address_form,
        specified_by="https://eips.ethereum.org/EIPS/eip-55",
    ),
    scalar(
        Hex,
        name="Hex",
        description="Bytes as 0x and an even number of hex digits.",
        serialize=wire_forms.format_hex,
        parse=wire_forms.parse_hex,
    ),
    scalar(
        Bytes32,
        name="Bytes32",
        description="32 bytes as 0x and 64 hex digits.",
        serialize=wire_forms.format_32_bytes,
        parse=wire_forms.parse_32_bytes,
    ),
    scalar(
        TxHash,
        name="TxHash",
        description="The hash of a transaction: 0x and 64 hex digits.",
        serialize=wire_forms.format_32_bytes,
        parse=wire_forms.parse_32_bytes,
    ),
    scalar(
        ChainId,
        name="ChainId",
        description="The EIP-155 id of a chain; 8453 is Base.",
        serialize=wire_forms.parse_chain_id,
        parse=wire_forms.parse_chain_id,
    ),
    scalar(
        CurrencyCode,
        name="CurrencyCode",
        description="An ISO 4217 code, or a symbol of this deployment's currency list such as USDC.",
        serialize=str,
        parse=wire_forms.parse_currency,
    ),
    scalar(
        datetime,
        name="DateTime",
        description="A moment in UTC, RFC 3339.",
        serialize=wire_forms.format_date_time,
        parse=wire_forms.parse_date_time,
        specified_by="https://datatracker.ietf.org/doc/html/rfc3339",
    ),
    scalar(
        timedelta,
        name="Duration",
        description="A length of time in days, hours, minutes and seconds, ISO 8601.",
        serialize=wire_forms.format_duration,
        parse=wire_forms.parse_duration,
    ),
    scalar(
        Url,
        name="URL",
        description="An absolute http or https URL.",
        serialize=str,
        parse=wire_forms.parse_url,
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
