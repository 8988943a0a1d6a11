"""Which responses are compressed, and what they say of it."""

from __future__ import annotations

import base64
import gzip
import json

import pytest
import strawberry

from colonnade.http import Request, Response
from colonnade.server.compression import SMALLEST, compressed, takes_gzip
from colonnade.server.execution import Server
from handlers.events import result_of

LONG = "a text that repeats itself " * 200


@strawberry.type
class Query:
    @strawberry.field
    def text(self, times: int = 200) -> str | None:
        return "a text that repeats itself " * times


@strawberry.type
class Mutation:
    @strawberry.mutation
    def echo(self, text: str) -> str | None:
        return f"secret {text}"


SERVER = Server(strawberry.Schema(Query, Mutation), lambda request: None)


async def _answered(
    query: str, accept_encoding: str | None = "gzip, deflate, br", **more: object
) -> Response:
    headers = {"content-type": "application/json"}
    if accept_encoding is not None:
        headers["accept-encoding"] = accept_encoding
    body = json.dumps({"query": query, **more}).encode()
    return await SERVER.execute(Request("POST", "/graphql", headers=headers, body=body))


@pytest.mark.parametrize(
    ("header", "takes"),
    [
        ("gzip", True),
        ("GZIP;Q=1.0, br", True),
        ("x-gzip", True),
        ("*", True),
        ("*;q=0.1", True),
        ("deflate, gzip;q=0.5, identity;q=0.2", True),
        (None, False),
        ("", False),
        ("br, deflate", False),
        ("gzip;q=0", False),
        ("gzip;q=0.000, *", False),
        ("gzip;q=0.5, identity", False),
        ("*;q=0", False),
        ("gzip;q=nonsense", False),
        ("gzip;q=2", False),
        (",;=,;;q", False),
    ],
)
def test_a_client_says_whether_it_takes_gzip(header: str | None, takes: bool) -> None:
    assert takes_gzip(header) is takes


async def test_a_long_answer_to_a_query_is_compressed_and_says_what_it_depends_on() -> None:
    answer = await _answered("{ text }")
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["vary"] == "accept, accept-encoding"
    assert json.loads(gzip.decompress(answer.body))["data"] == {"text": LONG}
    assert len(answer.body) < len(LONG) / 10


async def test_who_does_not_take_it_gets_the_plain_answer_which_also_varies() -> None:
    answer = await _answered("{ text }", None)
    assert "content-encoding" not in answer.headers
    assert answer.headers["vary"] == "accept, accept-encoding"
    assert json.loads(answer.body)["data"] == {"text": LONG}


async def test_a_short_answer_stays_as_it_is() -> None:
    answer = await _answered("{ text(times: 1) }")
    assert "content-encoding" not in answer.headers


async def test_mutations_are_never_compressed_for_their_answers_hold_secrets_beside_inputs() -> None:
    answer = await _answered("mutation ($t: String!) { echo(text: $t) }", variables={"t": LONG})
    assert "content-encoding" not in answer.headers
    assert json.loads(answer.body)["data"] == {"echo": f"secret {LONG}"}


async def test_a_gateway_gets_compressed_bytes_in_base64() -> None:
    result = result_of(await _answered("{ text }"))
    assert result["isBase64Encoded"] is True
    assert json.loads(gzip.decompress(base64.b64decode(result["body"])))["data"] == {"text": LONG}


def test_a_strong_tag_becomes_a_weak_one_and_what_cannot_shrink_is_left() -> None:
    tagged = Response(200, {"etag": '"abc"'}, b"x" * SMALLEST)
    assert compressed(tagged, "gzip").headers["etag"] == 'W/"abc"'
    weak = Response(200, {"etag": 'W/"abc"'}, b"x" * SMALLEST)
    assert compressed(weak, "gzip").headers["etag"] == 'W/"abc"'
    import random

    noise = Response(200, {}, random.Random(0).randbytes(SMALLEST))
    assert compressed(noise, "gzip").body == noise.body
    packed = Response(200, {"content-encoding": "br"}, b"x" * SMALLEST)
    assert compressed(packed, "gzip").body == packed.body
