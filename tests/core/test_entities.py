"""Keys from templates: plugins cannot meet, and no value reaches into the next part."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colonnade.conditions import absent
from colonnade.entities import Entity, Index
from colonnade.errors import InvalidWrite
from colonnade.store import Key, Query, SortRange

NOTE = Entity(
    "notes",
    "Note",
    partition="{author}",
    sort="{number:06d}",
    indexes=(Index("by_topic", "gsi1", partition="{topic}", sort="{author}#{number:06d}"),),
    serves=("an author's notes in order", "notes on a topic by author"),
)
PAIR = Entity("notes", "Pair", partition="{one}#{two}")


def test_key_holds_plugin_entity_and_parts() -> None:
    assert NOTE.key(author="ann", number=7) == Key("notes#Note#ann", "000007")


def test_item_carries_its_index_keys() -> None:
    item = NOTE.item({"author": "ann", "number": 7, "topic": "base", "text": "…"})
    assert item.index_keys == {"gsi1": Key("notes#Note#by_topic#base", "ann#000007")}


def test_put_and_delete_speak_of_the_same_key() -> None:
    put = NOTE.put({"author": "ann", "number": 7, "topic": "base"}, condition=absent())
    assert put.key == NOTE.delete(author="ann", number=7).key


def test_query_finds_the_partition_of_table_and_index() -> None:
    assert NOTE.query(author="ann", limit=5, descending=True) == Query(
        "notes#Note#ann", limit=5, descending=True
    )
    assert NOTE.query("by_topic", topic="base", sort=SortRange(prefix="ann")) == Query(
        "notes#Note#by_topic#base", "gsi1", SortRange(prefix="ann")
    )


@given(st.text(), st.text(), st.text(), st.text())
def test_different_parts_never_make_the_same_key(a: str, b: str, c: str, d: str) -> None:
    assert (PAIR.key(one=a, two=b) == PAIR.key(one=c, two=d)) == ((a, b) == (c, d))


@given(st.integers(0, 999_999), st.integers(0, 999_999))
def test_padded_numbers_sort_as_numbers(a: int, b: int) -> None:
    assert (NOTE.key(author="x", number=a).sort < NOTE.key(author="x", number=b).sort) == (a < b)


def test_missing_part_is_named() -> None:
    with pytest.raises(InvalidWrite, match=r"needs one, two; 'two' is missing"):
        PAIR.key(one="x")


def test_unknown_index_is_named() -> None:
    with pytest.raises(InvalidWrite, match="no index 'by_mood'"):
        NOTE.query("by_mood", mood="good")


def test_expiry_is_given_exactly_where_the_entity_expires() -> None:
    fleeting = Entity("notes", "Draft", partition="{id}", expires=True)
    assert fleeting.item({"id": "1"}, expires_at=99).expires_at == 99
    with pytest.raises(InvalidWrite, match="give expires_at"):
        fleeting.item({"id": "1"})
    with pytest.raises(InvalidWrite, match="do not give expires_at"):
        NOTE.item({"author": "a", "number": 1, "topic": "t"}, expires_at=99)
