"""What wallets sign hashes to what `eth_account` hashes it to."""

from __future__ import annotations

from typing import Any

import pytest
from eth_account.messages import _hash_eip191_message, encode_defunct, encode_typed_data
from hypothesis import given, settings
from hypothesis import strategies as st

from colonnade.evm import (
    AbiError,
    domain_separator,
    encode_type,
    hash_message,
    keccak,
    struct_hash,
    typed_data_hash,
)
from tests.evm import abi_strategies
from tests.evm.typed_data_examples import MAIL, MAIL_DOMAIN, MAIL_TYPES, USDC_DOMAIN, Fields, fields

TRANSFER = {
    "TransferWithAuthorization": [
        {"name": "from", "type": "address"},
        *fields(to="address", value="uint256", validAfter="uint256", validBefore="uint256", nonce="bytes32"),
    ]
}


def test_the_example_of_the_standard_has_the_hashes_it_prints() -> None:
    assert encode_type("Mail", MAIL_TYPES) == (
        "Mail(Person from,Person to,string contents)Person(string name,address wallet)"
    )
    assert (
        domain_separator(MAIL_DOMAIN).hex()
        == "f2cee375fa42b42143804025fc449deafd50cc031ca257e0b194a650a912090f"
    )
    assert struct_hash("Mail", MAIL_TYPES, MAIL).hex() == (
        "c52c0ee5d84264471806290a3f2c4cecfc5490626bf912d01f240d7a274b371e"
    )
    assert typed_data_hash(MAIL_DOMAIN, MAIL_TYPES, "Mail", MAIL).hex() == (
        "be609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2"
    )


def test_structs_that_a_type_refers_to_follow_it_in_the_order_of_their_names() -> None:
    types = {"Order": fields(**{f"field{name}": name for name in "ZbXYaBAC"})}
    types |= {name: fields(x="bool") for name in "ZbXYaBAC"}
    assert encode_type("Order", types).split(")")[1:-1] == [f"{name}(bool x" for name in "ABCXYZab"]


def test_usdc_on_base_has_the_domain_separator_of_the_contract() -> None:
    assert (
        domain_separator(USDC_DOMAIN).hex()
        == "02fa7265e7c5d81118673727957699e4d68f74cd74b7db77da710fe8a2c7834f"
    )


def test_a_transfer_authorization_as_a_wallet_sends_it_has_the_digest_that_usdc_checks() -> None:
    message = {
        "from": "0x16375899FeF83Eb2975992Fe2ff0D7b5a39Ff427",
        "to": "0xFe21034794A5a574B94fE4fDfD16e005F1C96e51",
        "value": "10500000",
        "validAfter": "0",
        "validBefore": "4102444800",
        "nonce": "0xb288c899af9de47a0b77f76fe124c5330306348094b90d812b52397c975f2216",
    }
    digest = typed_data_hash(USDC_DOMAIN, TRANSFER, "TransferWithAuthorization", message)
    assert digest.hex() == "f7b200f4131e36644bbaeb49ff21590a303d6397bf289daf9344eda25904ad09"


def test_a_type_that_refers_to_itself_has_a_type_hash_and_may_hold_itself_in_arrays() -> None:
    types = {"Node": fields(label="string", children="Node[]")}
    assert encode_type("Node", types) == "Node(string label,Node[] children)"
    leaf = {"label": "leaf", "children": []}
    tree = {"label": "root", "children": [leaf, leaf]}
    type_hash = keccak(b"Node(string label,Node[] children)")
    leaf_hash = keccak(type_hash + keccak(b"leaf") + keccak(b""))
    assert struct_hash("Node", types, tree) == keccak(type_hash + keccak(b"root") + keccak(leaf_hash * 2))


_suffixes = st.lists(st.sampled_from(["[]", "[2]"]), max_size=2).map("".join)
_domains = st.fixed_dictionaries(
    {"chainId": st.integers(1, 2**64)},
    optional={
        "name": st.text(max_size=8),
        "version": st.text(max_size=3),
        "verifyingContract": abi_strategies.values_of("address"),
        "salt": st.binary(min_size=32, max_size=32),
    },
)


@st.composite
def _typed_data(draw: st.DrawFn) -> tuple[dict[str, Fields], dict[str, Any]]:
    """Structs `S0`, `S1` …, each referring to the next and perhaps to later ones, and a message of the first."""
    count = draw(st.integers(1, 3))
    types: dict[str, Fields] = {}
    for index in range(count):
        later = [f"S{other}" for other in range(index + 1, count)]
        kinds = abi_strategies.leaves | st.sampled_from(later) if later else abi_strategies.leaves
        chosen = [kind + suffix for kind, suffix in draw(st.lists(st.tuples(kinds, _suffixes), max_size=4))]
        chosen += [later[0] + draw(_suffixes)] if later else []
        types[f"S{index}"] = [{"name": f"f{place}", "type": type_} for place, type_ in enumerate(chosen)]
    shuffled = dict(draw(st.permutations(list(types.items()))))
    return shuffled, draw(_value("S0", types))


def _value(type_: str, types: dict[str, Fields]) -> st.SearchStrategy[Any]:
    if type_.endswith("]"):
        item, _, length = type_[:-1].rpartition("[")
        size = int(length) if length else None
        return st.lists(_value(item, types), min_size=size or 0, max_size=size or 2)
    if type_ in types:
        return st.fixed_dictionaries({field["name"]: _value(field["type"], types) for field in types[type_]})
    return abi_strategies.values_of(type_)


def as_json(value: Any) -> Any:
    """A message as it travels in JSON: numbers as decimal or hexadecimal text, bytes as hexadecimal."""
    match value:
        case dict():
            return {key: as_json(each) for key, each in value.items()}
        case list():
            return [as_json(each) for each in value]
        case bytes():
            return f"0x{value.hex()}"
        case int() if not isinstance(value, bool):
            return hex(value) if value % 2 and value > 0 else str(value)
    return value


@settings(max_examples=150, deadline=None)
@given(_domains, _typed_data())
def test_typed_data_hashes_to_what_eth_account_signs(
    domain: dict[str, Any], typed: tuple[dict[str, Fields], dict[str, Any]]
) -> None:
    types, message = typed
    signable = encode_typed_data(domain, types, message)
    digest = typed_data_hash(domain, types, "S0", message)
    assert domain_separator(domain) == signable.header
    assert struct_hash("S0", types, message) == signable.body
    assert digest == _hash_eip191_message(signable)
    assert typed_data_hash(as_json(domain), types, "S0", as_json(message)) == digest


@settings(deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200))
def test_a_personal_message_hashes_to_what_eth_account_signs(message: bytes | str) -> None:
    signable = encode_defunct(text=message) if isinstance(message, str) else encode_defunct(message)
    assert hash_message(message) == _hash_eip191_message(signable)


def test_a_personal_message_that_is_no_unicode_is_refused() -> None:
    with pytest.raises(AbiError):
        hash_message("\ud800")
