"""Events: logs decode to what web3 reads in them, and filters ask for the topics that logs have."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from eth_abi.abi import encode as eth_abi_encode
from eth_typing import BlockNumber
from eth_utils.crypto import keccak as eth_keccak
from hexbytes import HexBytes
from hypothesis import given, settings
from hypothesis import strategies as st
from web3 import Web3
from web3.types import LogReceipt

from colonnade.evm import AbiError, Address, Event
from colonnade.evm.abi.grammar import Parameter
from colonnade.evm.abi.types import ByteString, Word
from tests.evm.abi_json import Entry, declaration, events, positional
from tests.evm.abi_strategies import values_of

ALICE = Address("0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf")
BOB = Address("0x2B5AD5c4795c026514f8317c7a215E218DcCD6cF")
TRANSFER = Event.parse("event Transfer(address indexed from, address indexed to, uint256 value)")


def word(address: Address) -> bytes:
    return bytes(12) + bytes.fromhex(address[2:])


def topic_of(parameter: Parameter, value: Any) -> bytes:
    """The topic that a contract emits; of structs and arrays any hash will do, since none can be read back."""
    if isinstance(parameter.type, Word):
        return eth_abi_encode([str(parameter.type)], [value])
    if isinstance(parameter.type, ByteString):
        return eth_keccak(value.encode() if isinstance(value, str) else value)
    return eth_keccak(eth_abi_encode([str(parameter.type)], [value]))


def log(topics: list[bytes], data: bytes) -> LogReceipt:
    return LogReceipt(
        address=Web3.to_checksum_address(ALICE),
        blockHash=HexBytes(bytes(32)),
        blockNumber=BlockNumber(1),
        data=HexBytes(data),
        logIndex=0,
        removed=False,
        topics=[HexBytes(topic) for topic in topics],
        transactionHash=HexBytes(bytes(32)),
        transactionIndex=0,
    )


@settings(max_examples=100, deadline=None)
@given(events(), st.data())
def test_a_log_decodes_to_what_web3_reads_in_it(entry: Entry, draws: st.DataObject) -> None:
    event = Event.parse(declaration(entry))
    values = {each.name: draws.draw(values_of(str(each.type))) for each in event.inputs}
    topics = [event.topic, *(topic_of(each, values[each.name]) for each in event.inputs if each.indexed)]
    unindexed = [each for each in event.inputs if not each.indexed]
    data = eth_abi_encode([str(each.type) for each in unindexed], [values[each.name] for each in unindexed])

    read = Web3().eth.contract(abi=[entry]).events["Happened"]().process_log(log(topics, data))
    decoded = event.decode(topics, data)
    assert decoded == {name: positional(value) for name, value in read["args"].items()}
    assert list(decoded) == [each.name for each in event.inputs]
    filters = {
        each.name: values[each.name] for each in event.inputs if isinstance(each.type, Word | ByteString)
    }
    wanted = event.topics(**{name: value for name, value in filters.items() if name in _indexed(event)})
    assert all(each in (None, topic) for each, topic in zip(wanted, topics, strict=False))


def _indexed(event: Event) -> set[str]:
    return {each.name for each in event.inputs if each.indexed}


def test_the_transfer_event_has_its_well_known_topic() -> None:
    assert TRANSFER.topic.hex() == "ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"


def test_an_indexed_text_is_only_known_by_its_hash() -> None:
    named = Event.parse("event Named(string indexed name, uint256[] indexed ids, uint8 kind)")
    hashes = [b"\1" * 32, b"\2" * 32]
    assert named.decode([named.topic, *hashes], bytes(31) + b"\3") == {
        "name": hashes[0],
        "ids": hashes[1],
        "kind": 3,
    }


@pytest.mark.parametrize(
    ("topics", "data"),
    [
        pytest.param([], bytes(32), id="no topic"),
        pytest.param([bytes(32), word(ALICE), word(BOB)], bytes(32), id="another event"),
        pytest.param([TRANSFER.topic, word(ALICE), word(BOB), bytes(32)], b"", id="a transfer of an NFT"),
        pytest.param([TRANSFER.topic, word(ALICE)], bytes(32), id="a topic missing"),
        pytest.param([TRANSFER.topic, word(ALICE), word(BOB)[1:]], bytes(32), id="a topic cut short"),
        pytest.param([TRANSFER.topic, word(ALICE), b"\1" * 32], bytes(32), id="a topic that is no address"),
        pytest.param([TRANSFER.topic, word(ALICE), word(BOB)], bytes(31), id="data cut short"),
    ],
)
def test_a_log_of_another_shape_is_refused_by_the_events_name(topics: list[bytes], data: bytes) -> None:
    with pytest.raises(AbiError, match=r"log of Transfer\(address,address,uint256\)"):
        TRANSFER.decode(topics, data)


@settings(deadline=None)
@given(
    st.lists(st.binary(max_size=33) | st.just(TRANSFER.topic) | st.just(word(ALICE)), max_size=5),
    st.binary(max_size=70),
)
def test_no_log_raises_anything_but_abi_errors(topics: list[bytes], data: bytes) -> None:
    with suppress(AbiError):
        assert TRANSFER.decode(topics, data).keys() == {"from", "to", "value"}


def test_an_anonymous_event_has_no_topic_of_its_own() -> None:
    note = Event.parse("event Note(bytes4 indexed sig, address indexed usr, uint256 wad) anonymous")
    topics = [b"\1\2\3\4" + bytes(28), word(ALICE)]
    assert note.decode(topics, bytes(32)) == {"sig": b"\1\2\3\4", "usr": ALICE, "wad": 0}
    assert note.topics(usr=ALICE) == [None, word(ALICE)]


def test_a_filter_asks_for_one_value_or_one_of_several_or_any() -> None:
    assert TRANSFER.topics() == [TRANSFER.topic]
    assert TRANSFER.topics(to=BOB) == [TRANSFER.topic, None, word(BOB)]
    assert TRANSFER.topics(**{"from": [ALICE, BOB]}) == [TRANSFER.topic, [word(ALICE), word(BOB)]]


@pytest.mark.parametrize(
    "filters",
    [
        pytest.param({"value": 1}, id="a parameter that is not indexed"),
        pytest.param({"sender": ALICE}, id="a parameter it does not have"),
        pytest.param({"to": "0x1"}, id="a value of another type"),
        pytest.param({"to": []}, id="none of no values, which a node reads as any"),
    ],
)
def test_a_filter_that_no_log_can_meet_is_refused(filters: dict[str, object]) -> None:
    with pytest.raises(AbiError):
        TRANSFER.topics(**filters)


def test_a_filter_cannot_ask_for_an_array() -> None:
    with pytest.raises(AbiError, match="only as a hash"):
        Event.parse("event Listed(uint256[] indexed ids)").topics(ids=(1, 2))


@pytest.mark.parametrize(
    "text",
    [
        "Transfer(address from)",
        "event Transfer(address)",
        "event Transfer(address a, address a)",
        "event Transfer(address a indexed)",
        "event Transfer((address indexed a) b)",
        "event Transfer(uint8 indexed a, uint8 indexed b, uint8 indexed c, uint8 indexed d)",
        "event Transfer(address a) view",
    ],
)
def test_a_line_that_declares_no_event_is_refused(text: str) -> None:
    with pytest.raises(AbiError):
        Event.parse(text)
