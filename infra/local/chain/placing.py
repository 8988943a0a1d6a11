"""Puts contracts at their real addresses, and runs the seeds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from colonnade.errors import ChainError, ColonnadeError
from colonnade.evm import AbiError, Address, Function, encode
from colonnade.local_contracts import Account, Argument, LocalContract, Ref, Transaction
from infra.local.chain.artifacts import load
from infra.local.chain.node import GAS, Node
from infra.local.chain.planning import Plan

_PLENTY: Final = hex(10**6 * 10**18)


class PlacingFailed(ColonnadeError):
    """A constructor or a seed did not do what its descriptor says; names plugin, contract, step and reason."""


@dataclass(frozen=True, slots=True)
class _Placing:
    node: Node
    accounts: Sequence[Address]
    addresses: Mapping[str, Address]

    def resolved(self, argument: Argument) -> object:
        match argument:
            case Ref(contract):
                return self.addresses[contract]
            case Account(index):
                return self.accounts[index]
            case str() | bytes() | int():
                return argument
            case _:
                return tuple(map(self.resolved, argument))

    def address(self, of: Ref | Account | Address) -> Address:
        match of:
            case Ref(contract):
                return self.addresses[contract]
            case Account(index):
                return self.accounts[index]
            case _:
                return of

    def place(self, contract: LocalContract) -> None:
        """Runs the contract's constructor as if `CREATE` had chosen its address.

        Its creation code stands at the address first. A call of it returns what the constructor would
        leave behind, immutable values and its own address included; a transaction keeps what it stores
        and emits; then the returned code takes the creation code's place.
        """
        address = self.addresses[contract.name]
        artifact = load(contract.artifact)
        libraries = {library: self.addresses[name] for library, name in contract.libraries.items()}
        arguments = [self.resolved(argument) for argument in contract.arguments]
        creation = artifact.linked(libraries) + encode(artifact.constructor, arguments)
        self.node.rpc("anvil_setCode", address, "0x" + creation.hex())
        self.node.rpc("anvil_setNonce", address, "0x1")  # as a contract's is; what it creates depends on it
        call = {"from": self.accounts[0], "to": address, "gas": hex(GAS)}
        runtime = self.node.rpc("eth_call", call, "latest")
        self.node.transact(self.accounts[0], address)
        self.node.rpc("anvil_setCode", address, runtime)

    def seed(self, transaction: Transaction) -> None:
        calldata = transaction.calldata
        if calldata is None:
            arguments = [self.resolved(argument) for argument in transaction.arguments]
            calldata = Function.parse(transaction.function).encode(*arguments)
        with self.unlocked(self.address(transaction.sender)) as sender:
            self.node.transact(sender, self.address(transaction.to), calldata, value=transaction.value)

    @contextmanager
    def unlocked(self, sender: Address) -> Iterator[Address]:
        """Lets `sender` send, for the time being, though nobody has its key."""
        if sender in self.accounts:
            yield sender
            return
        balance = self.node.rpc("eth_getBalance", sender, "latest")
        self.node.rpc("anvil_impersonateAccount", sender)
        self.node.rpc("anvil_setBalance", sender, _PLENTY)
        yield sender
        self.node.rpc("anvil_setBalance", sender, balance)
        self.node.rpc("anvil_stopImpersonatingAccount", sender)


def place(node: Node, plan: Plan) -> None:
    """Places every contract of the plan, then runs every seed, in its order. Raises `PlacingFailed`,
    `ArtifactMissing`.
    """
    placing = _Placing(node, node.accounts(), plan.addresses)
    node.rpc("anvil_setBalance", placing.accounts[0], _PLENTY)  # it pays for the liquidity of every pool
    for plugin, contract in plan.contracts:
        try:
            placing.place(contract)
        except (ChainError, AbiError) as error:
            raise PlacingFailed(f"{plugin!r}: the constructor of {contract.name} failed: {error}") from error
    for plugin, contract in plan.contracts:
        for number, transaction in enumerate(contract.seeds, 1):
            try:
                placing.seed(transaction)
            except (ChainError, AbiError) as error:
                raise PlacingFailed(
                    f"{plugin!r}: seed {number} of {contract.name}, `{transaction.function}`, failed: {error}"
                ) from error
