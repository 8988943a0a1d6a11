"""What is sent to DynamoDB: names and values only through placeholders, parentheses only where needed."""

from __future__ import annotations

import pytest

from colonnade.conditions import Condition, absent, attribute, exists
from colonnade.store import Key, Query, SortRange, Update
from infra.dynamodb.expressions import Expressions
from infra.dynamodb.guards import of_item, of_update

NOW = 1_000
STATUS, OWNER = attribute("status"), attribute("owner")


def readable(text: str, expressions: Expressions) -> str:
    """The expression with its placeholders filled in again."""
    meanings = expressions.placeholders()
    words = {**meanings.get("ExpressionAttributeNames", {})}
    words |= {
        mark: str(next(iter(v.values()))) for mark, v in meanings.get("ExpressionAttributeValues", {}).items()
    }
    for mark in sorted(words, key=len, reverse=True):
        text = text.replace(mark, words[mark])
    return text


PRESENT = "attribute_exists(_pk) AND (attribute_not_exists(_expires_at) OR _expires_at > 1000)"
GONE = "attribute_not_exists(_pk) OR _expires_at <= 1000"


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        (exists(), PRESENT),
        (absent(), GONE),
        (STATUS.equals("OPEN"), f"{PRESENT} AND status = OPEN"),
        (exists() & STATUS.equals("OPEN"), f"{PRESENT} AND status = OPEN"),
        (STATUS.differs("OPEN"), f"{PRESENT} AND attribute_exists(status) AND status <> OPEN"),
        (absent() | OWNER.equals("ada"), f"{GONE} OR owner = ada"),
        (~OWNER.equals("ada"), f"{GONE} OR NOT owner = ada"),
        (STATUS.absent(), f"{GONE} OR attribute_not_exists(status)"),
        (
            STATUS.equals("OPEN") & (OWNER.equals("ada") | OWNER.equals("bob")),
            f"{PRESENT} AND status = OPEN AND (owner = ada OR owner = bob)",
        ),
        (
            ~(STATUS.exists() & OWNER.exists()),
            f"{GONE} OR NOT (attribute_exists(status) AND attribute_exists(owner))",
        ),
    ],
)
def test_a_condition_speaks_of_rows_that_have_not_expired(condition: Condition, text: str) -> None:
    expressions = Expressions()
    assert readable(expressions.condition(of_item(condition, NOW)), expressions) == text


def test_names_and_values_are_never_in_the_text() -> None:
    expressions = Expressions()
    update = Update(Key("p", "s"), {"name": "SECRET"}, {"size": 424_242}, ["status"], OWNER.equals("ada"))
    text = expressions.update(update) + expressions.condition(of_update(update, NOW))
    assert not any(
        word in text for word in ("name", "SECRET", "size(", "424242", "status", "owner", "ada", "_pk")
    )


def test_an_update_names_each_attribute_once_and_uses_all_its_placeholders() -> None:
    expressions = Expressions()
    update = Update(
        Key("p", "s"), {"a": 1}, {"n": 2}, ["r"], None, {"gsi1": Key("i", "j"), "gsi2": None}, "never"
    )
    assert readable(expressions.update(update), expressions) == (
        "SET a = 1, _gsi1pk = i, _gsi1sk = j ADD n 2 REMOVE r, _gsi2pk, _gsi2sk, _expires_at"
    )


@pytest.mark.parametrize(
    ("sort", "text"),
    [
        (SortRange(), "_gsi2pk = p"),
        (SortRange(prefix=""), "_gsi2pk = p"),
        (SortRange(prefix="a"), "_gsi2pk = p AND begins_with(_gsi2sk, a)"),
        (SortRange(low="a"), "_gsi2pk = p AND _gsi2sk >= a"),
        (SortRange(high="z"), "_gsi2pk = p AND _gsi2sk <= z"),
        (SortRange(low="", high="z"), "_gsi2pk = p AND _gsi2sk <= z"),
        (SortRange(low="a", high="z"), "_gsi2pk = p AND _gsi2sk BETWEEN a AND z"),
    ],
)
def test_a_sort_range_is_part_of_the_key_condition(sort: SortRange, text: str) -> None:
    expressions = Expressions()
    assert readable(expressions.sort_range(Query("p", "gsi2", sort)), expressions) == text
