"""Nothing doubtful is hashed: a message that does not fit its types is refused by the name of the field."""

from __future__ import annotations

import pytest

from colonnade.evm import TypedDataError, domain_separator, encode_type, struct_hash, typed_data_hash
from tests.evm.typed_data_examples import MAIL, MAIL_DOMAIN, MAIL_TYPES, USDC_DOMAIN, Fields, fields


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
