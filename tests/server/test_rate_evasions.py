"""What is refused is paid for too, in whatever way it is asked: nobody reads or validates for nothing."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

import pytest

from colonnade.http import Request
from tests.server.sample import post
from tests.server.test_rate_limits import Served

BUCKET = 1_000
NOBODY_IS_ASKED = dict[str, int]()


@pytest.fixture
def served() -> Served:
    return Served()


def sent_until_limited(served: Served, request: Request, most: int = BUCKET + 1) -> int:
    """How often a request was answered with something else than `RATE_LIMITED`."""
    for answered in range(most):
        if served.send(request).status == 429:
            return answered
    raise AssertionError(f"nobody limited {most} requests")


def test_a_mutation_by_get_is_no_way_around(served: Served) -> None:
    query = urlencode({"query": "mutation { change }"})
    sent_until_limited(served, replace(post({}), method="GET", query=query, body=b""))
    assert served.store.asked == NOBODY_IS_ASKED


def test_a_body_that_is_no_json_with_any_credentials_is_no_way_around(served: Served) -> None:
    request = replace(post({}, headers={"authorization": "Bearer anybody"}), body=b"{" + b" " * 50_000)
    assert sent_until_limited(served, request) == BUCKET // 11 + 1
    assert served.store.asked == NOBODY_IS_ASKED
    assert served.ask({"query": "{ free }"}).status == 200


@pytest.mark.parametrize("last", ["::1", "::ffff:1", "0:0:1:1"])
def test_another_address_of_the_same_home_is_no_way_around(served: Served, last: str) -> None:
    served.empty("2001:db8:1:1::5")
    tail = last if last.startswith("::") else f":{last}"
    assert served.ask({"query": "{ free }"}, f"2001:db8:1:1{tail}").status == 429


def test_a_batch_costs_what_its_operations_cost(served: Served) -> None:
    answer = served.ask([{"query": "{ dear }"}] * 3)
    assert answer.body.count(b"RATE_LIMITED") == 1
