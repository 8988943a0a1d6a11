import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colonnade.server import json_text
from colonnade.server.refusal import Refusal

JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**60), 10**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
    max_leaves=20,
)


@given(JSON_VALUES, st.booleans())
def test_json_reads_back_as_it_was_written(value: object, escaped: bool) -> None:
    assert json_text.parse(json.dumps(value, ensure_ascii=escaped), "the body") == value


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "is not JSON"),
        ("{", "is not JSON"),
        ("{'a': 1}", "is not JSON"),
        ('{"a": 1,}', "is not JSON"),
        ('{"a": 01}', "is not JSON"),
        ('{"a": 1} {"a": 1}', "is not JSON"),
        ('"\x00"', "is not JSON"),
        ("\ufeff{}", "byte order mark"),
        ("NaN", "NaN"),
        ('{"a": [Infinity]}', "Infinity"),
        ("-Infinity", "-Infinity"),
        ("1e400", "too large"),
        ("9" * 101, "100 digits"),
        ("9" * 100_000, "100 digits"),
        ('{"a": 1, "b": 2, "a": 3}', "'a' twice"),
        ('[{"x": {"é": 1, "\\u00e9": 2}}]', "'é' twice"),
        ("[" * 65 + "]" * 65, "64 levels"),
        ("[" * 100_000, "64 levels"),
        ('{"a":' * 50_000 + "1" + "}" * 50_000, "64 levels"),
        ('"\\ud83d"', "surrogate"),
        ('{"\\udc00": 1}', "surrogate"),
        ('[{"a": ["\\ude00\\ud83d"]}]', "surrogate"),
    ],
)
def test_ambiguous_or_unbounded_json_is_refused_with_its_reason(text: str, complaint: str) -> None:
    with pytest.raises(Refusal, match=complaint) as refused:
        json_text.parse(text, "the body")
    assert refused.value.status == 400
    assert len(refused.value.message) < 300


def test_whole_surrogate_pairs_and_64_levels_are_fine() -> None:
    assert json_text.parse('"\\ud83d\\ude00"', "the body") == "😀"
    assert json_text.parse("[" * 64 + "]" * 64, "the body") != []


@pytest.mark.parametrize(
    "body", [b"\xff", "{}".encode("utf-16"), b'{"a": "\xed\xa0\xbd"}', "é".encode("latin-1")]
)
def test_bytes_that_are_not_utf_8_are_refused(body: bytes) -> None:
    with pytest.raises(Refusal, match="not UTF-8"):
        json_text.decode(body)
