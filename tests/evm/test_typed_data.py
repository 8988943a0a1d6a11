"""What wallets sign hashes to what `eth_account` hashes it to, and nothing doubtful is hashed at all."""

from __future__ import annotations

from typing import Any

import pytest
from eth_account.messages import _hash_eip191_message, encode_defunct, encode_typed_data
from hypothesis import given, settings
from hypothesis import strategies as st

from colonnade.evm import (
    AbiError,
    TypedDataError,
    domain_separator,
    encode_type,
    hash_message,
    keccak,
    struct_hash,
    typed_data_hash,
)
from tests.evm import abi_strategies

Fields = list[dict[str, str]]

MAIL_DOMAIN = {
    "name": "Ether Mail",
    "version": "1",
    "chainId": 1,
    "verifyingContract": "0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC",
}
MAIL_TYPES = {
    "Person": [{"name": "name", "type": "string"}, {"name": "wallet", "type": "address"}],
    "Mail": [
        {"name": "from", "type": "Person"},
        {"name": "to", "type": "Person"},
        {"name": "contents", "type": "string"},
    ],
}
MAIL = {
    "from": {"name": "Cow", "wallet": "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"},
    "to": {"name": "Bob", "wallet": "0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB"},
    "contents": "Hello, Bob!",
}
USDC_DOMAIN = {
    "name": "USD Coin",
    "version": "2",
    "chainId": 8453,
    "verifyingContract": "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913",
}


def fields(**types: str) -> Fields:
    return [{"name": name, "type": type_} for name, type_ in types.items()]


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


def changed(**changes: object) -> dict[str, object]:
    return {**MAIL, **changes}


COW = MAIL["from"]
BOB = {"name": "Bob", "wallet": "0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB"}


@pytest.mark.parametrize(
    ("message", "problem"),
    [
        ({"from": COW, "to": BOB}, "Mail lacks contents"),
        (changed(to={"name": "Bob"}), "Mail.to lacks wallet"),
        (changed(subject="Hi"), "Mail has subject, which Mail does not"),
        (changed(to=None), "Mail.to: Person takes a mapping, not NoneType"),
        (changed(to=[BOB]), "Mail.to: Person takes a mapping, not list"),
        (changed(contents=None), "Mail.contents: string takes text, not NoneType"),
        (changed(to=BOB | {"wallet": "0xbBbB"}), "Mail.to.wallet: not an address"),
        (
            changed(to=BOB | {"wallet": BOB["wallet"].replace("b", "B")[:-1] + "b"}),
            "Mail.to.wallet: the checksum",
        ),
    ],
)
def test_a_message_that_is_not_of_its_type_is_refused_by_the_name_of_the_field(
    message: dict[str, object], problem: str
) -> None:
    with pytest.raises(TypedDataError, match=problem):
        struct_hash("Mail", MAIL_TYPES, message)


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("uint8", 256),
        ("uint8", "256"),
        ("uint8", "1.0"),
        ("uint8", "１"),
        ("uint8", "-0x1"),
        ("uint8", "9" * 5000),
        ("uint8", True),
        ("bool", "false"),
        ("bool", 0),
        ("bytes4", b"\1\2\3"),
        ("bytes4", "0x010203"),
        ("bytes", "text"),
        ("bytes", "0x1"),
        ("string", b"bytes"),
        ("string", "\ud800"),
        ("uint8[2]", [1]),
        ("uint8[]", "12"),
        ("uint8[]", {"0": 1}),
        ("uint8[][1]", [1]),
    ],
)
def test_a_value_is_never_bent_to_fit(type_: str, value: object) -> None:
    with pytest.raises(TypedDataError, match=r"^A\.field"):
        struct_hash("A", {"A": fields(field=type_)}, {"field": value})


@pytest.mark.parametrize(
    "types",
    [
        pytest.param({}, id="no type"),
        pytest.param({"A": fields(b="B")}, id="a struct that is not there"),
        pytest.param({"A": fields(b="uint")}, id="an alias, which the standard does not have"),
        pytest.param({"A": fields(b="function")}, id="a type of the ABI only"),
        pytest.param({"A": fields(b="uint8[0]")}, id="an array without items"),
        pytest.param({"A": fields(b="(uint8)")}, id="a tuple"),
        pytest.param({"A": [{"name": "b"}]}, id="a field without type"),
        pytest.param({"A": [{"type": "bool"}]}, id="a field without name"),
        pytest.param({"A": [{"name": "b,bool c", "type": "bool"}]}, id="a name that smuggles a field"),
        pytest.param({"A": fields(b="bool") * 2}, id="a name twice"),
        pytest.param({"A": fields(b="uint8 x")}, id="a type that smuggles a name"),
    ],
)
def test_malformed_types_are_refused(types: dict[str, Fields]) -> None:
    with pytest.raises(TypedDataError):
        encode_type("A", types)


@pytest.mark.parametrize("name", ["uint256", "function", "a b", "Mail(bool a)"])
def test_no_struct_takes_the_name_of_a_type_or_one_that_is_no_name(name: str) -> None:
    with pytest.raises(TypedDataError, match="cannot name a struct"):
        encode_type("A", {"A": fields(a="uint256"), name: fields(a="bool")})


@pytest.mark.parametrize(
    "domain", [{}, {"chain": 1}, USDC_DOMAIN | {"chainId": "Base"}, USDC_DOMAIN | {"verifyingContract": None}]
)
def test_a_domain_that_is_none_is_refused(domain: dict[str, object]) -> None:
    with pytest.raises(TypedDataError):
        domain_separator(domain)


def test_a_declared_domain_must_be_the_one_that_is_hashed() -> None:
    names = {"name": "string", "version": "string", "chainId": "uint256", "verifyingContract": "address"}
    declared = MAIL_TYPES | {"EIP712Domain": fields(**names)}
    assert typed_data_hash(MAIL_DOMAIN, declared, "Mail", MAIL) == typed_data_hash(
        MAIL_DOMAIN, MAIL_TYPES, "Mail", MAIL
    )
    reordered = MAIL_TYPES | {"EIP712Domain": fields(**names)[::-1]}
    with pytest.raises(TypedDataError, match="EIP712Domain"):
        typed_data_hash(MAIL_DOMAIN, reordered, "Mail", MAIL)


def test_a_message_nested_without_end_is_refused() -> None:
    types = {"Node": fields(next="Node[]")}
    message: dict[str, object] = {"next": []}
    for _ in range(5000):
        message = {"next": [message]}
    with pytest.raises(TypedDataError, match="nests deeper"):
        struct_hash("Node", types, message)


def test_an_array_type_nested_without_end_is_refused() -> None:
    value: list[object] = []
    for _ in range(100):
        value = [value]
    with pytest.raises(TypedDataError, match="nests deeper"):
        struct_hash("A", {"A": fields(a="bool" + "[]" * 100)}, {"a": value})
