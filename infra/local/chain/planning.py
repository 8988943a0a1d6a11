"""What is placed where and in which order, or every reason why the set of contracts makes no sense."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from colonnade.errors import ConflictError
from colonnade.evm import Address, InvalidAddress, checksum, keccak, parse_address
from colonnade.local_contracts import ACCOUNTS, Account, LocalContract, Ref, referred

Brought: TypeAlias = "tuple[str, LocalContract]"
"""A contract, and the plugin that brings it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Contracts in the order in which they are placed, and the address of each by its name."""

    contracts: Sequence[Brought]
    addresses: Mapping[str, Address]


def plan(brought: Sequence[Brought]) -> Plan:
    """The order and addresses for these contracts. Raises `ConflictError` with everything that is wrong."""
    named, problems = _named(brought)
    problems += _addresses_shared(named)
    for plugin, contract in named.values():
        problems += (f"{plugin!r}: {contract.name} {problem}" for problem in _faults(contract, named))
    order, cycles = _ordered(named)
    problems += cycles
    if problems:
        raise ConflictError(problems)
    return Plan(order, {name: _address(contract) for name, (_, contract) in named.items()})


def _named(brought: Sequence[Brought]) -> tuple[dict[str, Brought], list[str]]:
    named: dict[str, Brought] = {}
    problems = []
    for plugin, contract in brought:
        other, known = named.setdefault(contract.name, (plugin, contract))
        if known != contract:
            problems.append(
                f"{other!r} and {plugin!r} bring different contracts named {contract.name}; "
                "rename one, or describe both alike if they are the same"
            )
    return named, problems


def _addresses_shared(named: Mapping[str, Brought]) -> list[str]:
    standing: dict[str, Brought] = {}
    problems = []
    for plugin, contract in named.values():
        if contract.address is None:
            continue
        other, known = standing.setdefault(contract.address.lower(), (plugin, contract))
        if known is not contract:
            problems.append(
                f"{other!r} and {plugin!r} place {known.name} and {contract.name} at one address, {contract.address}; "
                "drop one, or give both the same name and description"
            )
    return problems


def _faults(contract: LocalContract, named: Mapping[str, Brought]) -> Iterator[str]:
    if contract.address is not None:
        try:
            parse_address(contract.address)
        except InvalidAddress as error:
            yield f"has an impossible address: {error}"
    seeds = [part for seed in contract.seeds for part in (seed.to, seed.sender, *seed.arguments)]
    libraries = [Ref(name) for name in contract.libraries.values()]
    for reference in dict.fromkeys(referred(*contract.arguments, *libraries, *seeds)):
        if isinstance(reference, Ref) and reference.contract not in named:
            yield f"refers to {reference.contract}, which no plugin brings; check the name, or add the plugin"
        if isinstance(reference, Account) and not 0 <= reference.index < ACCOUNTS:
            yield f"uses account {reference.index}; the local chain has 0 to {ACCOUNTS - 1}"


def _needs(contract: LocalContract) -> Iterator[str]:
    """What must stand before `contract`: all that its constructor and its code refer to, save itself."""
    references = (ref.contract for ref in referred(*contract.arguments) if isinstance(ref, Ref))
    return (name for name in (*references, *contract.libraries.values()) if name != contract.name)


def _ordered(named: Mapping[str, Brought]) -> tuple[list[Brought], list[str]]:
    order: dict[str, Brought] = {}
    cycles: list[str] = []

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in order or name not in named:
            return
        if name in path:
            cycle = path[path.index(name) :]
            members = ", ".join(f"{each} ({named[each][0]!r})" for each in cycle)
            cycles.append(
                f"contracts need one another to be constructed first: {members}; set one by a seed instead"
            )
            return
        for needed in _needs(named[name][1]):
            visit(needed, (*path, name))
        order.setdefault(name, named[name])

    for name in named:
        visit(name, ())
    return list(order.values()), cycles


def _address(contract: LocalContract) -> Address:
    return contract.address or checksum(keccak(f"colonnade local contract {contract.name}".encode())[12:])
