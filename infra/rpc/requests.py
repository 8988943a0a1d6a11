"""Reads as JSON-RPC requests, and what their answers mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NoReturn, Protocol, TypeAlias

from colonnade.batched_reader import NativeBalance, Outcome, Read, code_of
from colonnade.chains import BlockRef, Call
from colonnade.errors import OutOfGas
from colonnade.evm import Address
from infra.rpc.faults import Fault, classify, revert_data, reverted
from infra.rpc.jsonrpc import RpcAnswer, RpcError, RpcRequest
from infra.rpc.wire import binary, quantity

BlockName: TypeAlias = "str | Mapping[str, object]"
"""A block as a parameter: a tag, a number, or an object with its hash (EIP-1898)."""

_ENVELOPE: Final = 500

LEAST_GAS: Final = 1_000_000
"""Several times what any usual read of a token or a pool takes."""


class AnotherBlock(Exception):
    """The node answered for another block, or does not know the one it was asked for."""


class ParameterRefused(Exception):
    """The node does not understand how the block is named, or that code is given along."""


class CodeIgnored(Exception):
    """The node ran a lens call without the code that came with it."""


class Starved(Exception):
    """Several reads together ran out of gas; each by itself may have an answer."""


class NodeFailed(Exception):
    """The node gave an error that says nothing about the reads; the text is the node's own."""


class Request(Protocol):
    """One JSON-RPC request that carries one read or more."""

    @property
    def reads(self) -> Sequence[Read]: ...

    @property
    def size(self) -> int:
        """About how many bytes of a body it takes."""
        ...

    @property
    def tells_block(self) -> bool:
        """Whether an answer shows which block it is for."""
        ...

    def at(self, block: BlockName, gas: int) -> RpcRequest:
        """The request, to be answered for `block`. `gas`: its limit."""
        ...

    def outcomes(self, answer: RpcAnswer, block: BlockRef) -> Sequence[Outcome]:
        """What the answer says of each read.

        Raises `AnotherBlock` where it shows itself to be for another one than `block`, the exceptions of this
        module, `MalformedValue`, or `AbiError`.
        """
        ...


@dataclass(frozen=True, slots=True)
class Single:
    """A read by itself. `most_gas`: where it is less than what any call is given."""

    read: Read
    most_gas: int | None = None

    @property
    def reads(self) -> Sequence[Read]:
        return (self.read,)

    @property
    def size(self) -> int:
        data = self.read.data if isinstance(self.read, Call) else b""
        return 2 * (len(data) + len(code_of(self.read) or b"")) + _ENVELOPE

    @property
    def tells_block(self) -> bool:
        return False

    def at(self, block: BlockName, gas: int) -> RpcRequest:
        read = self.read
        if isinstance(read, NativeBalance):
            return RpcRequest("eth_getBalance", (read.account, block))
        overrides = {} if read.code is None else {read.to: read.code}
        most = gas if self.most_gas is None else min(gas, self.most_gas)
        return call_request(read.to, read.data, block, most, overrides)

    def outcomes(self, answer: RpcAnswer, block: BlockRef) -> Sequence[Outcome]:
        read = self.read
        if isinstance(answer, RpcError):
            fault = classify(answer)
            if isinstance(read, Call) and fault is Fault.REVERTED:
                return (reverted(revert_data(answer)),)
            if isinstance(read, Call) and fault is Fault.OUT_OF_GAS:
                return (OutOfGas(),)
            refuse(answer, fault)
        if isinstance(read, NativeBalance):
            return (quantity(answer.value, "the balance").to_bytes(32, "big"),)
        returned = binary(answer.value, "the result of a call")
        if not returned and code_of(read) is not None:
            raise CodeIgnored
        return (returned,)


def one_by_one(reads: Sequence[Read], gas: int) -> list[Single]:
    """Reads that together ran out of `gas`, each by itself.

    Lenses, whose code is ours, get all of it again. What contracts of strangers burn is bounded: they share it.
    """
    share = max(gas // max(1, len(reads)), LEAST_GAS)
    return [Single(read, most_gas=None if code_of(read) is not None else share) for read in reads]


def call_request(
    to: Address, data: bytes, block: BlockName, gas: int, overrides: Mapping[Address, bytes]
) -> RpcRequest:
    """An `eth_call` in which the code of `overrides` stands at its addresses."""
    call = {"to": to, "data": "0x" + data.hex(), "gas": hex(gas)}
    if not overrides:
        return RpcRequest("eth_call", (call, block))
    return RpcRequest(
        "eth_call", (call, block, {at: {"code": "0x" + code.hex()} for at, code in overrides.items()})
    )


def refuse(error: RpcError, fault: Fault) -> NoReturn:
    """Raise what an error means that is not about the contract."""
    match fault:
        case Fault.UNKNOWN_BLOCK:
            raise AnotherBlock
        case Fault.INVALID_PARAMS:
            raise ParameterRefused
        case _:
            raise NodeFailed(str(error))
