"""What the local chain holds: contracts as data, so that each plugin brings its own.

The local stack runs each contract's real constructor *at* the address it has on Base, on an anvil of chain id
8453. Contracts are placed in the order they are declared, the platform's tokens before any plugin's, except that
what a constructor or a link refers to is placed before what refers to it. When all of them stand, the seeds run
in that same order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from colonnade.evm import Address

ACCOUNTS: Final = 10
"""How many development accounts the local chain has."""


@dataclass(frozen=True, slots=True)
class Ref:
    """The address of another contract in the set, by name; stands wherever an argument may."""

    contract: str


@dataclass(frozen=True, slots=True)
class Account:
    """A development account of the local chain, by its number (0 is the deployer and owner of everything)."""

    index: int


Argument: TypeAlias = "str | int | bool | bytes | Ref | Account | Sequence[Argument]"
"""A value of a constructor's or function's parameter; tuples and arrays are sequences."""


@dataclass(frozen=True, slots=True)
class Transaction:
    """A call that a seed makes, and that must succeed.

    `function`: its Solidity declaration, `"function mint(address to, uint256 amount)"`. `calldata`: all of it, for
    the rare function whose arguments are not ABI encoded; `function` then only names it. `value`: wei.
    `sender`: a development account, or any other address, which the chain then impersonates.
    """

    to: Ref | Address
    function: str
    arguments: Sequence[Argument] = ()
    value: int = 0
    sender: Account | Address = field(default_factory=lambda: Account(0))
    calldata: bytes | None = None


@dataclass(frozen=True, slots=True)
class LocalContract:
    """One contract of the local chain.

    `name`: unique in the set; two plugins may bring the same contract if they describe it alike.
    `artifact`: a file below `node_modules`, or an absolute path: JSON with `abi` and `bytecode`, or
    `path/to/file.js#name` for creation code that a JavaScript file exports as the constant `name`, or
    `path/to/file.sol#name` for runtime code that a Solidity file has as the hexadecimal literal `name`.
    `address`: where it stands on Base; None for one derived from its name. `arguments`: of its constructor.
    `libraries`: for each library its bytecode is linked with, the contract of the set that is it.
    `seeds`: transactions after every contract stands, in order.
    """

    name: str
    artifact: str
    address: Address | None = None
    arguments: Sequence[Argument] = ()
    libraries: Mapping[str, str] = field(default_factory=dict[str, str])
    seeds: Sequence[Transaction] = ()


def referred(*arguments: Argument) -> Iterator[Ref | Account]:
    """The contracts and accounts that `arguments` stand for, however deep, in order."""
    for argument in arguments:
        if isinstance(argument, Ref | Account):
            yield argument
        elif isinstance(argument, Sequence) and not isinstance(argument, str | bytes):
            yield from referred(*argument)
