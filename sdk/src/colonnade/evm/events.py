"""Events of contracts: decoding logs, and the topics that find them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias, cast

from colonnade.evm.abi import words
from colonnade.evm.abi.decoding import Data, arguments_decoder
from colonnade.evm.abi.encoding import byte_string
from colonnade.evm.abi.grammar import Parameter, as_tuple, declaration
from colonnade.evm.abi.types import WORD, AbiError, ByteString, Word
from colonnade.evm.keccak import keccak

Topic: TypeAlias = bytes | list[bytes] | None
"""What a filter asks of one topic: this one, one of these, or any."""


@dataclass(frozen=True)
class Event:
    """An event: `Event.parse("event Transfer(address indexed from, address indexed to, uint256 value)")`."""

    name: str
    inputs: tuple[Parameter, ...]
    anonymous: bool = False

    @classmethod
    def parse(cls, text: str) -> Event:
        """The event that a Solidity declaration describes; each parameter needs a name. Raises `AbiError`."""
        reader, name, inputs = declaration(text, "event")
        anonymous = reader.accept("anonymous")
        reader.end()
        names = {parameter.name for parameter in inputs}
        if "" in names or len(names) < len(inputs):
            raise reader.error(
                "each parameter of an event needs a name of its own, since it is decoded by name"
            )
        if sum(parameter.indexed for parameter in inputs) > (4 if anonymous else 3):
            raise reader.error("an event has at most three indexed parameters, an anonymous one four")
        return cls(name, inputs, anonymous)

    @cached_property
    def signature(self) -> str:
        """The name and canonical types, as they are hashed: `Transfer(address,address,uint256)`."""
        return f"{self.name}{as_tuple(self.inputs)}"

    @cached_property
    def topic(self) -> bytes:
        """The first topic of this event's logs, unless it is anonymous."""
        return keccak(self.signature.encode())

    @cached_property
    def _indexed(self) -> tuple[Parameter, ...]:
        return tuple(parameter for parameter in self.inputs if parameter.indexed)

    @cached_property
    def _unindexed(self) -> tuple[Parameter, ...]:
        return tuple(parameter for parameter in self.inputs if not parameter.indexed)

    @cached_property
    def _decode_unindexed(self) -> Callable[[Data], tuple[Any, ...]]:
        return arguments_decoder(as_tuple(self._unindexed))

    def decode(self, topics: Sequence[bytes], data: bytes) -> dict[str, Any]:
        """The parameters of a log by name, in the order they are declared.

        A topic holds only the hash of an indexed string, bytes, array or struct: that hash is given for it.
        Raises `AbiError`, also where the log is another event's or indexes other parameters.
        """
        try:
            values = self._decode_topics(topics) | dict(
                zip(
                    (parameter.name for parameter in self._unindexed),
                    self._decode_unindexed(data),
                    strict=True,
                )
            )
        except AbiError as error:
            raise AbiError(f"log of {self.signature}: {error}") from error
        return {parameter.name: values[parameter.name] for parameter in self.inputs}

    def topics(self, /, **filters: object) -> list[Topic]:
        """The topics of a filter for this event's logs, as many as it takes.

        `filters`: by indexed parameter, the value it must have, or a list of values of which it has one; strings
        and bytes are hashed. Raises `AbiError`, also for arrays and structs, which logs keep only as a hash.
        """
        unknown = filters.keys() - {parameter.name for parameter in self._indexed}
        if unknown:
            raise AbiError(f"{self.signature} has no indexed {', '.join(sorted(unknown))}")
        found: list[Topic] = [] if self.anonymous else [self.topic]
        found += [_wanted(parameter, filters.get(parameter.name)) for parameter in self._indexed]
        while found and found[-1] is None:
            found.pop()
        return found

    def _decode_topics(self, topics: Sequence[bytes]) -> dict[str, Any]:
        if not self.anonymous and (not topics or bytes(topics[0]) != self.topic):
            raise AbiError(
                f"its first topic is 0x{self.topic.hex()}, not {topics[0].hex() if topics else 'missing'}"
            )
        indexed = topics if self.anonymous else topics[1:]
        if len(indexed) != len(self._indexed) or any(len(topic) != WORD for topic in indexed):
            raise AbiError(
                f"{len(self._indexed)} indexed parameters of 32 bytes are due, {len(indexed)} topics given"
            )
        return {
            parameter.name: _from_topic(parameter, bytes(topic))
            for parameter, topic in zip(self._indexed, indexed, strict=True)
        }


def _from_topic(parameter: Parameter, topic: bytes) -> Any:
    if not isinstance(parameter.type, Word):
        return topic
    return words.decoder(parameter.type)(topic, 0, lambda _at, _count: None)


def _wanted(parameter: Parameter, value: object) -> Topic:
    if value is None:
        return None
    if not isinstance(value, list):
        return _to_topic(parameter, value)
    if not value:
        raise AbiError(f"no value of {parameter.name} is wanted: a node would read that as any value")
    return [_to_topic(parameter, each) for each in cast(list[object], value)]


def _to_topic(parameter: Parameter, value: object) -> bytes:
    match parameter.type:
        case Word():
            return words.encoder(parameter.type)(value)
        case ByteString():
            return keccak(byte_string(value, parameter.type))
        case _:
            raise AbiError(f"{parameter.name} is {parameter.type}, which logs keep only as a hash")
