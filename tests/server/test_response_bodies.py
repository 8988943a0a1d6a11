"""Bodies are written by orjson, and read as those that the standard library writes."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colonnade.server.responses import encode

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(st.characters(codec=None))
    | st.text()
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def standard(body: Any) -> Any:
    return json.loads(json.dumps(body, ensure_ascii=False, allow_nan=False))


@given(VALUES)
def test_what_is_written_reads_as_the_standard_librarys(body: Any) -> None:
    try:
        expected = standard(body)
    except ValueError:
        with pytest.raises(ValueError, match="not JSON compliant"):
            encode(body)
    else:
        assert json.loads(encode(body)) == expected


@pytest.mark.parametrize(
    "body", [{"at": datetime.now(UTC)}, {"of": object()}, {"of": {1, 2}}, {"of": b"bytes"}]
)
def test_what_is_no_json_is_refused(body: object) -> None:
    with pytest.raises(TypeError):
        encode(body)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_refused_though_orjson_would_write_null(value: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        encode({"data": {"price": value, "note": None}})


def test_half_a_surrogate_pair_and_large_integers_are_written_all_the_same() -> None:
    assert json.loads(encode({"a": "\ud800", "b": 2**80})) == {"a": "\ud800", "b": 2**80}
