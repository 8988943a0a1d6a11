"""Keys from templates: plugins cannot meet, and no value reaches into the next part."""

from __future__ import annotations

import re

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


SLASHED = Entity("notes", "Slashed", partition="{one}/{two}-x:{three}")


@given(st.tuples(st.text("ab/-x:%#é"), st.text("ab/-x:%#é"), st.text("ab/-x:%#é")), st.data())
def test_different_parts_stay_apart_whatever_mark_stands_between_them(
    parts: tuple[str, str, str], data: st.DataObject
) -> None:
    text = "".join(parts)
    cuts = sorted(data.draw(st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))))
    others = (text[: cuts[0]], text[cuts[0] : cuts[1]], text[cuts[1] :])
    one, other = (SLASHED.key(one=p[0], two=p[1], three=p[2]) for p in (parts, others))
    assert (one == other) == (parts == others)


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        ("{author.name}", "holds names of attributes"),
        ("{author[0]}", "holds names of attributes"),
        ("{author!r}", "holds names of attributes"),
        ("{}", "holds names of attributes"),
        ("{0}", "holds names of attributes"),
        ("{author:>10}", "holds names of attributes"),
        ("{author:.3}", "holds names of attributes"),
        ("{author}{number}", "needs a mark such as # before {number}"),
        ("{author}v{number}", "needs a mark such as # before {number}"),
        ("{limit}", "cannot use an attribute called limit"),
        ("{author", "expected '}'"),
    ],
)
def test_template_whose_keys_could_not_be_told_apart_is_refused_where_it_is_written(
    template: str, problem: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(problem)):
        Entity("notes", "Note", partition=template)
    with pytest.raises(ValueError, match=re.escape(problem)):
        Entity("notes", "Note", "{id}", indexes=(Index("other", "gsi1", partition="{id}", sort=template),))


@pytest.mark.parametrize("number", [-1, 1_000_000, "7"])
def test_number_that_would_not_sort_is_refused(number: int | str) -> None:
    with pytest.raises(InvalidWrite, match="a number of at most 6 digits as 'number'"):
        NOTE.key(author="ann", number=number)


def test_item_without_a_value_is_left_out_of_the_index_and_one_that_forgets_it_is_refused() -> None:
    assert NOTE.item({"author": "ann", "number": 7, "topic": None}).index_keys == {}
    with pytest.raises(InvalidWrite, match="'topic' is missing"):
        NOTE.item({"author": "ann", "number": 7})


@pytest.mark.parametrize(
    ("second", "problem"),
    [
        (Index("other", "gsi1", partition="{id}", sort="-"), "have the same slot"),
        (Index("one", "gsi2", partition="{id}", sort="-"), "have the same name"),
        (Index("a#b", "gsi2", partition="{id}", sort="-"), "called by letters and digits"),
    ],
)
def test_indexes_that_would_overwrite_each_other_are_refused(second: Index, problem: str) -> None:
    first = Index("one", "gsi1", partition="{id}", sort="-")
    with pytest.raises(ValueError, match=problem):
        Entity("notes", "Note", "{id}", indexes=(first, second))
