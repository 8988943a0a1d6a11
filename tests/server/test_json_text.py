import json
from collections.abc import Iterator
from unittest.mock import patch

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


@pytest.fixture(autouse=True, params=["standard", "fast"], scope="module")
def _parser(request: pytest.FixtureRequest) -> Iterator[None]:
    """All holds whichever of the two parsers a text is long enough for."""
    with patch.object(json_text, "_LONG", 0 if request.param == "fast" else 10**9):
        yield


@given(JSON_VALUES, st.booleans())
def test_json_reads_back_as_it_was_written(value: object, escaped: bool) -> None:
    read = json_text.parse(json.dumps(value, ensure_ascii=escaped), "the body")
    assert repr(read) == repr(value)


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
        ('{"a": 1, "a": "\\u0022\\u0022"}', "'a' twice"),
        ('[{"x": {"é": 1, "\\u00e9": 2}}]', "'é' twice"),
        ("[" * 65 + "]" * 65, "64 levels"),
        ('[{"a":' * 32 + "{}" + "}]" * 32, "64 levels"),
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
    assert json_text.parse('[{"a":' * 32 + "1" + "}]" * 32, "the body") != []


@pytest.mark.parametrize(
    "text",
    [
        "18446744073709551616",
        "-9223372036854775809",
        "[9223372036854775807]",
        "-0",
        "-0.0",
        "1e300",
        "1e-400",
    ],
)
def test_numbers_are_what_they_say(text: str) -> None:
    assert repr(json_text.parse(text, "the body")) == repr(json.loads(text))


TEXTS = st.lists(
    st.sampled_from(['"', "\\", "u0022", "\\u0022", "a", ":", "{", "}", "[", "]", ",", "é"]), max_size=3
).map("".join)


@given(st.lists(st.tuples(TEXTS, TEXTS | st.integers()), max_size=4), st.booleans())
def test_an_object_is_read_or_refused_by_whether_it_has_a_key_twice(
    members: list[tuple[str, object]], escaped: bool
) -> None:
    def quoted(value: object) -> str:
        text = json.dumps(value, ensure_ascii=escaped)
        return text.replace('\\"', "\\u0022") if escaped and "\\\\" not in text else text

    text = "{" + ",".join(f"{quoted(name)}: {quoted(value)}" for name, value in members) + "}"
    try:
        read = json_text.parse(text, "the body")
    except Refusal:
        assert len({name for name, _ in members}) < len(members)
    else:
        assert read == dict(members)
        assert len({name for name, _ in members}) == len(members)


@pytest.mark.parametrize(
    "body", [b"\xff", "{}".encode("utf-16"), b'{"a": "\xed\xa0\xbd"}', "é".encode("latin-1")]
)
def test_bytes_that_are_not_utf_8_are_refused(body: bytes) -> None:
    with pytest.raises(Refusal, match="not UTF-8"):
        json_text.decode(body)
