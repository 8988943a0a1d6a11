"""ABIs in JSON, as compilers write them, and the Solidity line that declares each entry."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

from colonnade.evm.abi.grammar import parse_type
from colonnade.evm.abi.types import AbiType, Array, Tuple
from tests.evm.abi_strategies import abi_types

Entry = dict[str, Any]


def parameter(type_: AbiType, name: str) -> Entry:
    """The JSON of a parameter; components of its structs are called `a0`, `a1` …"""
    dimensions = ""
    while isinstance(type_, Array):
        dimensions = f"[{type_.length or ''}]{dimensions}"
        type_ = type_.item
    if not isinstance(type_, Tuple):
        return {"name": name, "type": f"{type_}{dimensions}"}
    components = [parameter(component, f"a{index}") for index, component in enumerate(type_.components)]
    return {"name": name, "type": f"tuple{dimensions}", "components": components}


def parameters(types: Sequence[str], prefix: str) -> list[Entry]:
    return [parameter(parse_type(type_), f"{prefix}{index}") for index, type_ in enumerate(types)]


def declaration(entry: Entry) -> str:
    """`entry` in Solidity, structs written as `tuple(…)`."""
    line = f"{entry['type']} {entry['name']}({_list(entry['inputs'])})"
    if entry["type"] == "event":
        return line + (" anonymous;" if entry.get("anonymous") else ";")
    if entry["type"] == "error":
        return line
    mutability = entry.get("stateMutability", "").replace("nonpayable", "")
    return (
        line
        + f" external {mutability}"
        + (f" returns ({_list(entry['outputs'])})" if entry["outputs"] else "")
    )


def _list(parameters_: Sequence[Entry]) -> str:
    return ", ".join(map(_parameter, parameters_))


def _parameter(entry: Entry) -> str:
    type_: str = entry["type"]
    if type_.startswith("tuple"):
        type_ = f"tuple({_list(entry['components'])}){type_[5:]}"
    return " ".join(filter(None, (type_, "indexed" if entry.get("indexed") else "", entry["name"])))


def positional(value: Any) -> Any:
    """What web3 decoded, with tuples for its lists and its structs by name."""
    if isinstance(value, Mapping):
        return positional(tuple(value.values()))
    return tuple(map(positional, value)) if isinstance(value, list | tuple) else value


type_lists = st.lists(abi_types, max_size=4)
functions: st.SearchStrategy[Entry] = st.builds(
    lambda name, inputs, outputs, mutability: {
        "type": "function",
        "name": name,
        "inputs": parameters(inputs, "input"),
        "outputs": parameters(outputs, "output"),
        "stateMutability": mutability,
    },
    st.sampled_from(["swap", "_exec2", "$pay"]),
    type_lists,
    type_lists,
    st.sampled_from(["view", "pure", "payable", "nonpayable"]),
)


@st.composite
def events(draw: st.DrawFn) -> Entry:
    """Events with up to three indexed parameters, none a fixed array or struct: web3 takes their hash for a value."""
    inputs = parameters(draw(type_lists), "p")
    eligible = [
        index for index, entry in enumerate(inputs) if not re.search(r"tuple$|[0-9]\]$", entry["type"])
    ]
    indexed = draw(st.sets(st.sampled_from(eligible), max_size=3)) if eligible else set()
    marked = [entry | {"indexed": index in indexed} for index, entry in enumerate(inputs)]
    return {"type": "event", "name": "Happened", "inputs": marked, "anonymous": False}
