from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colonnade.nesting import nests_deeper


def depth_of(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(depth_of, value.values()), default=0)
    return 1 + max(map(depth_of, value), default=0) if isinstance(value, list) else 0


TEXTS = st.text(st.sampled_from('[]{}"\\,:a\n'), max_size=8)


@given(
    st.recursive(
        TEXTS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3)
    ),
    st.integers(0, 6),
)
def test_the_depth_is_that_of_the_value(value: Any, levels: int) -> None:
    assert nests_deeper(json.dumps(value), levels) is (depth_of(value) > levels)


@pytest.mark.parametrize("text", ["[" * 10**6, '{"a":' * 10**5, '"' + "[" * 10**6 + '" [[[', '"\\' * 10**6])
def test_what_is_no_json_is_told_in_linear_time(text: str) -> None:
    assert nests_deeper(text, 2) is ("[[[" in text or '{"a":{' in text)
