"""Personal data: whose an entity's rows are, how they are found by key, what is handed over, and what erasing does.

    PersonalData(SESSION, rows={ACCOUNT: lambda user: [SESSION.query(user=user)]}, withheld=("secret",),
                 leads_to=lambda row: [Identifier(CREDENTIAL, row["id"])], erasure=Delete())
    NoPersonalData(POOL, "What a chain says of pools names nobody.")

An account is found from its id: each row may lead to further identifiers (a wallet to its address, a session to its
credential), and from these to more rows. Nothing is scanned, so an entity without a key or index by one of its
identifiers cannot be found, and needs an index.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final, TypeAlias

from colonnade.entities import Entity
from colonnade.store import Item, Key, Query, Value, Write

if TYPE_CHECKING:
    from colonnade.context import Context

ACCOUNT: Final = "account"
"""The id of a principal, where every search begins."""

ADDRESS: Final = "address"
"""An address that the account has linked, as EIP-55 spells it."""

CREDENTIAL: Final = "credential"
"""The id of a session or of an API key."""

Place: TypeAlias = Key | Query
Row: TypeAlias = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Identifier:
    """What rows may be found by. `kind`: `ACCOUNT`, `ADDRESS`, `CREDENTIAL`, or a plugin's own word."""

    kind: str
    value: str


def _nothing(row: Row) -> Iterable[Identifier]:
    return ()


def _nothing_else(context: Context, row: Row) -> Iterable[Write]:
    return ()


@dataclass(frozen=True, slots=True)
class Delete:
    """The row goes. `also`: further writes of the same transaction, as of an event that tells of it."""

    also: Callable[[Context, Row], Iterable[Write]] = _nothing_else


@dataclass(frozen=True, slots=True)
class Anonymise:
    """The row stays without whose it was. `rewrite`: the writes that make it so, on condition that the row has not
    changed since it was read; afterwards no identifier finds it, nor is there one in it. `reason`: what it is kept for.
    """

    rewrite: Callable[[Context, Item], Iterable[Write]]
    reason: str


@dataclass(frozen=True, slots=True)
class Keep:
    """The row stays as it is. `reason`: why that is right, for the account and for operators to read."""

    reason: str


@dataclass(frozen=True, slots=True)
class Expires:
    """Nothing is done: the row expires by itself, at most `within` after it was written. `reason`: why that is enough."""

    within: timedelta
    reason: str


Erasure: TypeAlias = Delete | Anonymise | Keep | Expires


@dataclass(frozen=True, slots=True)
class PersonalData:
    """Rows of `entity` hold personal data.

    `rows`: by the kind of an identifier, where the rows of one such identifier stand. `owner`: the attribute that holds
    the account's id, where rows of others may stand at the same place; those are passed over. `leads_to`: further
    identifiers of the account that a row holds. `exported`: whether the account is handed its rows, without the
    attributes `withheld`, which are the platform's secrets. `closes`: the writes by which the account is closed, for rows
    that let somebody in or make a credential good; the rest is erased once no credential can be good any more.
    """

    entity: Entity
    erasure: Erasure
    rows: Mapping[str, Callable[[str], Iterable[Place]]] = field(
        default_factory=dict[str, Callable[[str], Iterable[Place]]]
    )
    owner: str | None = None
    leads_to: Callable[[Row], Iterable[Identifier]] = _nothing
    exported: bool = True
    withheld: Sequence[str] = ()
    closes: Callable[[Context, Row], Iterable[Write]] | None = None

    def __post_init__(self) -> None:
        if not self.rows and not isinstance(self.erasure, Expires):
            raise ValueError(
                f"{self.entity.plugin}.{self.entity.name}: say by which keys an account's rows are found; "
                "only what expires by itself can do without"
            )


@dataclass(frozen=True, slots=True)
class NoPersonalData:
    """Rows of `entity` say nothing of anybody who uses the API. `reason`: why that is so."""

    entity: Entity
    reason: str


PersonalDataDeclaration: TypeAlias = PersonalData | NoPersonalData
