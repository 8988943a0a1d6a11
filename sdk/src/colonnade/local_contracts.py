"""What the local chain holds: contracts as data, so that each plugin brings its own.

The local stack runs each contract's real constructor *at* the address it has on Base, in dependency order, on an
anvil of chain id 8453; then it runs every plugin's seeds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from colonnade.evm import Address

Argument: TypeAlias = "str | int | bool | bytes | Ref | Sequence[Argument]"


@dataclass(frozen=True, slots=True)
class Ref:
    """The address of another contract in the set, by name; stands wherever an argument may."""

    contract: str


@dataclass(frozen=True, slots=True)
class Account:
    """A development account of the local chain, by its number (0 is the deployer and owner of everything)."""

    index: int


@dataclass(frozen=True, slots=True)
class Transaction:
    """A call that a seed makes: `function` is a human-readable signature, `value` is in wei.

    `sender`: the development account that signs it. Arguments may hold `Ref`s and `Account`s.
    """

    to: Ref | Address
    function: str
    arguments: Sequence[object] = ()
    value: int = 0
    sender: Account = field(default_factory=lambda: Account(0))


@dataclass(frozen=True, slots=True)
class LocalContract:
    """One contract of the local chain.

    `name`: unique in the set. `artifact`: path below `node_modules` of a JSON file with `abi` and `bytecode`.
    `address`: where it stands on Base, or None for any. `arguments`: of its constructor. `libraries`: names of
    contracts its bytecode is linked with. `seeds`: transactions after every contract stands, in order.
    """

    name: str
    artifact: str
    address: Address | None = None
    arguments: Sequence[object] = ()
    libraries: Mapping[str, str] = field(default_factory=dict)
    seeds: Sequence[Transaction] = ()
