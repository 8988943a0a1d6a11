"""Hashes of what wallets sign: typed data (EIP-712) and personal messages (EIP-191).

Equal to `eth_account` where both give a hash, but nothing is guessed: a field that is missing, or that its struct does
not have, a fixed array of another length, a `bytesN` of another size, a text where a bool is due, are errors.
Messages often come as JSON, so that integers may be decimal or `0x` text, and bytes `0x` text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias, cast

from colonnade.evm.abi import words
from colonnade.evm.abi.encoding import byte_string
from colonnade.evm.abi.grammar import MAX_DEPTH
from colonnade.evm.abi.types import ELEMENTARY, AbiError, ByteString, Word
from colonnade.evm.keccak import keccak

Types: TypeAlias = Mapping[str, Sequence[Mapping[str, str]]]
"""Structs by name; each field is `{"name": …, "type": …}`, as in the JSON of `eth_signTypedData_v4`."""

_DOMAIN: Final = "EIP712Domain"
_DOMAIN_FIELDS: Final = {
    "name": "string",
    "version": "string",
    "chainId": "uint256",
    "verifyingContract": "address",
    "salt": "bytes32",
}
_ATOMIC: Final = {
    name: type_ for name, type_ in ELEMENTARY.items() if name not in ("uint", "int", "function")
}
"""The types of fields that are no structs; the standard has no aliases."""

_IDENTIFIER: Final = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
_TYPE: Final = re.compile(r"([A-Za-z_$][A-Za-z0-9_$]*)(?:\[(?:[1-9][0-9]{0,17})?\])*")
_DECIMAL: Final = re.compile(r"-?[0-9]{1,78}")
_HEX_NUMBER: Final = re.compile(r"0[xX][0-9a-fA-F]{1,64}")
_HEX: Final = re.compile(r"0[xX](?:[0-9a-fA-F]{2})*")


class TypedDataError(ValueError):
    """The message does not fit its types, or the types are malformed; names the field."""


def typed_data_hash(
    domain: Mapping[str, object], types: Types, primary_type: str, message: Mapping[str, object]
) -> bytes:
    """The digest that a wallet signs for `message`. Raises `TypedDataError`.

    `types` may hold `EIP712Domain`, which must then be what `domain` has, in the order of the standard.
    """
    declared = types.get(_DOMAIN)
    if declared is not None and list(map(dict, declared)) != _domain_type(domain):
        raise TypedDataError(f"{_DOMAIN} does not declare the fields of the domain in their standard order")
    return keccak(b"\x19\x01" + domain_separator(domain) + struct_hash(primary_type, types, message))


def domain_separator(domain: Mapping[str, object]) -> bytes:
    """The hash of a domain, whose type follows from the fields it has. Raises `TypedDataError`."""
    return struct_hash(_DOMAIN, {_DOMAIN: _domain_type(domain)}, domain)


def struct_hash(name: str, types: Types, value: Mapping[str, object]) -> bytes:
    """`hashStruct` of a value of the struct `name`. Raises `TypedDataError`."""
    return _Hasher(types).struct(name, value, name, 0)


def encode_type(name: str, types: Types) -> str:
    """`encodeType`: the struct `name`, then every struct it refers to, sorted. Raises `TypedDataError`."""
    declarations: list[str] = []
    for each in (name, *sorted(_referred(name, types) - {name})):
        fields = ",".join(f"{type_} {field}" for field, type_ in _fields(each, types).items())
        declarations.append(f"{each}({fields})")
    return "".join(declarations)


def hash_message(message: bytes | str) -> bytes:
    """The digest that a wallet signs for a personal message; text is signed as UTF-8.

    Raises `AbiError` for text that is no valid Unicode.
    """
    raw = byte_string(message, ByteString("string")) if isinstance(message, str) else message
    return keccak(b"\x19Ethereum Signed Message:\n" + str(len(raw)).encode() + raw)


class _Hasher:
    """Hashes values of one set of types, each looked at once."""

    def __init__(self, types: Types) -> None:
        self._types = types
        self._structs: dict[str, tuple[bytes, dict[str, str]]] = {}

    def struct(self, name: str, value: object, path: str, depth: int) -> bytes:
        """`hashStruct` of one value. `path`: where it stands in the message, `depth`: how deep."""
        if name not in self._structs:
            type_hash = keccak(encode_type(name, self._types).encode())
            self._structs[name] = type_hash, _fields(name, self._types)
        type_hash, fields = self._structs[name]
        if not isinstance(value, Mapping):
            raise TypedDataError(f"{path}: {name} takes a mapping, not {type(value).__name__}")
        values = cast(Mapping[object, object], value)
        missing, unknown = fields.keys() - values.keys(), values.keys() - fields.keys()
        if missing or unknown:
            problems = [f"lacks {field}" for field in sorted(missing)]
            problems += [f"has {field!s:.64}, which {name} does not" for field in sorted(unknown, key=str)]
            raise TypedDataError(f"{path} {', '.join(problems)}")
        encoded = [
            self._field(type_, values[field], f"{path}.{field}", depth) for field, type_ in fields.items()
        ]
        return keccak(type_hash + b"".join(encoded))

    def _field(self, type_: str, value: object, path: str, depth: int) -> bytes:
        """`encodeData` of one field: always a word."""
        if depth > MAX_DEPTH:
            raise TypedDataError(f"{path[:200]} nests deeper than {MAX_DEPTH}")
        if type_.endswith("]"):
            return self._array(type_, value, path, depth)
        if type_ not in _ATOMIC:
            return self.struct(type_, value, path, depth + 1)
        atomic = _ATOMIC[type_]
        try:
            if isinstance(atomic, Word):
                return words.encoder(atomic)(_from_json(atomic.kind, value))
            return keccak(byte_string(_from_json(atomic.kind, value), atomic))
        except AbiError as error:
            raise TypedDataError(f"{path}: {error}") from error

    def _array(self, type_: str, value: object, path: str, depth: int) -> bytes:
        item, _, length = type_[:-1].rpartition("[")
        if not isinstance(value, list | tuple):
            raise TypedDataError(f"{path}: {type_} takes a list, not {type(value).__name__}")
        values = cast(Sequence[object], value)
        if length and len(values) != int(length):
            raise TypedDataError(f"{path}: {type_} takes {length} values, not {len(values)}")
        encoded = [
            self._field(item, each, f"{path}[{index}]", depth + 1) for index, each in enumerate(values)
        ]
        return keccak(b"".join(encoded))


def _from_json(kind: str, value: object) -> object:
    """An integer or bytes written as text; anything else as it is."""
    if not isinstance(value, str):
        return value
    if kind in ("uint", "int"):
        if _DECIMAL.fullmatch(value):
            return int(value)
        if _HEX_NUMBER.fullmatch(value):
            return int(value, 16)
    elif kind == "bytes" and _HEX.fullmatch(value):
        return bytes.fromhex(value[2:])
    return value


def _fields(name: str, types: Types) -> dict[str, str]:
    """The types of a struct's fields by name, in order."""
    declared = types.get(name)
    if declared is None:
        raise TypedDataError(f"there is no type {name!r:.80}")
    fields: dict[str, str] = {}
    for each in declared:
        field, type_ = each.get("name", ""), each.get("type", "")
        if not _IDENTIFIER.fullmatch(field) or not _TYPE.fullmatch(type_):
            raise TypedDataError(f"{name} declares a field without a proper name and type")
        if field in fields:
            raise TypedDataError(f"{name} declares {field} twice")
        fields[field] = type_
    return fields


def _referred(name: str, types: Types) -> set[str]:
    """The structs that a value of `name` may hold, itself included."""
    for struct in types:
        if struct in ELEMENTARY or not _IDENTIFIER.fullmatch(struct):
            raise TypedDataError(f"{struct!r:.80} cannot name a struct")
    found: set[str] = set()
    pending = [name]
    while pending:
        struct = pending.pop()
        if struct not in found:
            found.add(struct)
            cores = {type_.partition("[")[0] for type_ in _fields(struct, types).values()}
            pending += cores - _ATOMIC.keys()
    return found


def _domain_type(domain: Mapping[str, object]) -> list[dict[str, str]]:
    if not domain or domain.keys() - _DOMAIN_FIELDS.keys():
        raise TypedDataError(f"a domain has one or more of {', '.join(_DOMAIN_FIELDS)}, and nothing else")
    return [{"name": name, "type": type_} for name, type_ in _DOMAIN_FIELDS.items() if name in domain]
