"""Functions and errors: selectors, calldata and results equal web3's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import cast

import pytest
from eth_typing import ABIEvent, ABIFunction
from eth_utils.abi import event_abi_to_log_topic, function_abi_to_4byte_selector
from hypothesis import given, settings
from hypothesis import strategies as st
from web3 import Web3

from colonnade.evm import ZERO_ADDRESS, AbiError, Error, Event, Function, encode
from tests.evm.abi_json import Entry, declaration, functions, positional
from tests.evm.abi_strategies import values_of

NODE_MODULES = Path(__file__).parents[2] / "node_modules"
TRANSFER = Function.parse("function transfer(address to, uint256 amount) returns (bool success)")


def real_abis() -> Iterator[Entry]:
    """Every distinct function and event of the Uniswap and USDC contracts."""
    seen = set()
    for package in ("@uniswap", "@offchainlabs"):
        for path in sorted((NODE_MODULES / package).glob("**/*.json")):
            artifact = json.loads(path.read_text())
            for entry in (artifact.get("abi") or ()) if isinstance(artifact, dict) else ():
                text = json.dumps(entry)
                if entry["type"] in ("function", "event") and text not in seen:
                    seen.add(text)
                    yield entry


def test_every_function_and_event_of_real_contracts_is_known_by_its_own_hash() -> None:
    counts = {"function": 0, "event": 0}
    for entry in real_abis():
        counts[entry["type"]] += 1
        if entry["type"] == "function":
            assert Function.parse(declaration(entry)).selector == function_abi_to_4byte_selector(
                cast(ABIFunction, entry)
            )
        else:
            named = [
                each | {"name": each["name"] or f"p{index}"} for index, each in enumerate(entry["inputs"])
            ]
            event = Event.parse(declaration(entry | {"inputs": named}))
            assert event.topic == event_abi_to_log_topic(cast(ABIEvent, entry))
    assert counts["function"] > 300
    assert counts["event"] > 50


@settings(max_examples=100, deadline=None)
@given(functions, st.data())
def test_calldata_and_results_are_those_of_web3(entry: Entry, draws: st.DataObject) -> None:
    contract = Web3().eth.contract(abi=[entry])
    function = Function.parse(declaration(entry))
    arguments = [draws.draw(values_of(str(each.type))) for each in function.inputs]
    results = tuple(draws.draw(values_of(str(each.type))) for each in function.outputs)

    calldata = function.encode(*arguments)
    assert calldata.hex() == contract.encode_abi(entry["name"], arguments)[2:]
    _, decoded = contract.decode_function_input(calldata)
    assert function.decode_arguments(calldata) == tuple(positional(value) for value in decoded.values())
    assert function.decode(encode([str(each.type) for each in function.outputs], results)) == results


def test_a_parsed_function_keeps_the_names_of_parameters_and_of_components() -> None:
    function = Function.parse(
        "function fill((address maker, (uint256 id, bytes) item)[] orders, bool) view returns (uint8 code)"
    )
    orders, flag = function.inputs
    assert (function.name, function.mutability, orders.name, flag.name) == ("fill", "view", "orders", "")
    assert [component.name for component in orders.components] == ["maker", "item"]
    assert [component.name for component in orders.components[1].components] == ["id", ""]
    assert [output.name for output in function.outputs] == ["code"]
    assert function.signature == "fill((address,(uint256,bytes))[],bool)"


@pytest.mark.parametrize(
    "text",
    [
        "function transfer(address,uint256)returns(bool)",
        "function transfer(address payable to, uint amount) external returns (bool success);",
        "  function  transfer ( address to , uint256 amount )  public virtual override\n returns ( bool )  ",
    ],
)
def test_the_selector_does_not_depend_on_how_the_line_is_written(text: str) -> None:
    assert Function.parse(text).selector == TRANSFER.selector == bytes.fromhex("a9059cbb")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "transfer(address)",
        "function (address)",
        "function transfer",
        "function transfer(address",
        "function transfer(address to) returns",
        "function transfer(address to) returns (bool) view",
        "function transfer(address to from)",
        "function transfer(address indexed to)",
        "function transfer(Order order)",
        "function transfer(address to); function steal()",
        "function transfer(address to) -> bool",
        "event Transfer(address to)",
    ],
)
def test_a_line_that_declares_no_function_is_refused(text: str) -> None:
    with pytest.raises(AbiError):
        Function.parse(text)


_lines = st.lists(
    st.sampled_from(
        [
            "function",
            "event",
            "error",
            "f",
            "(",
            ")",
            "(",
            ")",
            ",",
            "[]",
            "[2]",
            "uint8",
            "tuple",
            "indexed",
            "view",
            "returns",
            "x",
            ";",
            "é",
            "\n",
        ]
    ),
    max_size=14,
).map(" ".join)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([Function, Event, Error]), _lines | st.text(max_size=30))
def test_no_line_raises_anything_but_abi_errors(kind: type[Function | Event | Error], line: str) -> None:
    for text in (line, f"{kind.__name__.lower()} f({line})"):
        with suppress(AbiError):
            assert kind.parse(text).signature.startswith(kind.parse(text).name)


def test_equal_declarations_are_equal_also_after_use() -> None:
    again = Function.parse("function transfer(address to, uint256 amount) returns (bool success)")
    assert again.selector == TRANSFER.selector
    assert {again, TRANSFER} == {again}


def test_errors_of_arguments_name_the_function() -> None:
    with pytest.raises(AbiError, match=r"transfer\(address,uint256\): uint256 takes an int, not str"):
        TRANSFER.encode(ZERO_ADDRESS, "1")
    with pytest.raises(AbiError, match=r"transfer\(address,uint256\): .* takes 2 values, not 1"):
        TRANSFER.encode(ZERO_ADDRESS)


def test_the_empty_answer_of_an_address_without_code_is_an_error_that_names_the_function() -> None:
    with pytest.raises(AbiError, match=r"result of transfer\(address,uint256\): .* the data ends at 0"):
        TRANSFER.decode(b"")


@pytest.mark.parametrize("calldata", [b"", b"\xa9\x05\x9c", bytes(4) + bytes(64)])
def test_calldata_of_another_function_is_refused(calldata: bytes) -> None:
    with pytest.raises(AbiError, match="begins with 0xa9059cbb"):
        TRANSFER.decode_arguments(calldata)


def test_truncated_calldata_is_refused() -> None:
    with pytest.raises(AbiError, match=r"arguments of transfer\(address,uint256\)"):
        TRANSFER.decode_arguments(TRANSFER.encode(ZERO_ADDRESS, 1)[:-1])


def test_a_custom_error_gives_its_arguments() -> None:
    error = Error.parse("error InsufficientBalance(uint256 available, uint256 required)")
    assert error.selector.hex() == "cf479181"
    assert error.decode_arguments(error.encode(1, 2)) == (1, 2)


@pytest.mark.parametrize(
    "text", ["error Refused() view", "function Refused()", "error Refused(uint256 indexed a)"]
)
def test_a_line_that_declares_no_error_is_refused(text: str) -> None:
    with pytest.raises(AbiError):
        Error.parse(text)
