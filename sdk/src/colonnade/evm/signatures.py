"""Functions and errors of contracts, parsed from the line that declares them in Solidity."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from colonnade.evm.abi.decoding import Data, arguments_decoder
from colonnade.evm.abi.encoding import encoder
from colonnade.evm.abi.grammar import Parameter, as_tuple, declaration
from colonnade.evm.abi.types import AbiError, Encode
from colonnade.evm.keccak import keccak

_MUTABILITY: Final = frozenset({"pure", "view", "payable", "nonpayable"})
_VISIBILITY: Final = frozenset({"external", "public", "virtual", "override"})


@dataclass(frozen=True)
class _Called:
    """What is addressed by the first four bytes of its signature's hash."""

    name: str
    inputs: tuple[Parameter, ...]

    @cached_property
    def signature(self) -> str:
        """The name and canonical types, as they are hashed: `transfer(address,uint256)`."""
        return f"{self.name}{as_tuple(self.inputs)}"

    @cached_property
    def selector(self) -> bytes:
        """The four bytes that calldata, or revert data, begins with."""
        return keccak(self.signature.encode())[:4]

    @cached_property
    def _encode_inputs(self) -> Encode:
        return encoder(as_tuple(self.inputs))

    @cached_property
    def _decode_inputs(self) -> Callable[[Data], tuple[Any, ...]]:
        return arguments_decoder(as_tuple(self.inputs))

    def encode(self, *arguments: object) -> bytes:
        """The selector and the encoded arguments. Raises `AbiError`."""
        try:
            return self.selector + self._encode_inputs(arguments)
        except AbiError as error:
            raise AbiError(f"{self.signature}: {error}") from error

    def decode_arguments(self, data: bytes) -> tuple[Any, ...]:
        """The arguments behind the selector. Raises `AbiError`, also where the selector is another's."""
        if data[:4] != self.selector:
            raise AbiError(
                f"{self.signature} begins with 0x{self.selector.hex()}, the data with 0x{data[:4].hex()}"
            )
        try:
            return self._decode_inputs(data[4:])
        except AbiError as error:
            raise AbiError(f"arguments of {self.signature}: {error}") from error


@dataclass(frozen=True)
class Error(_Called):
    """A custom error: `Error.parse("error InsufficientBalance(uint256 available, uint256 required)")`."""

    @classmethod
    def parse(cls, text: str) -> Error:
        """The error that a Solidity declaration describes. Raises `AbiError`."""
        reader, name, inputs = declaration(text, "error")
        reader.end()
        return cls(name, inputs)


@dataclass(frozen=True)
class Function(_Called):
    """A function: `Function.parse("function balanceOf(address owner) view returns (uint256)")`.

    Structs are written as tuples, `((address token, uint256 amount) order, bytes data)`, with or without `tuple`.
    """

    outputs: tuple[Parameter, ...]
    mutability: str = "nonpayable"

    @classmethod
    def parse(cls, text: str) -> Function:
        """The function that a Solidity declaration describes. Raises `AbiError`."""
        reader, name, inputs = declaration(text, "function")
        mutability = "nonpayable"
        while reader.peek() in _MUTABILITY | _VISIBILITY:
            word = reader.take()
            mutability = word if word in _MUTABILITY else mutability
        outputs = reader.parameters() if reader.accept("returns") else ()
        reader.end()
        return cls(name, inputs, outputs, mutability)

    @cached_property
    def _decode_outputs(self) -> Callable[[Data], tuple[Any, ...]]:
        return arguments_decoder(as_tuple(self.outputs))

    def decode(self, data: bytes) -> tuple[Any, ...]:
        """The values a call returned. Raises `AbiError`, also for the empty answer of an address without code."""
        try:
            return self._decode_outputs(data)
        except AbiError as error:
            raise AbiError(f"result of {self.signature}: {error}") from error
