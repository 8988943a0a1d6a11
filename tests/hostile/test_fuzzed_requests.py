"""Whatever is sent, the handlers answer with a code: nothing of ours shows, and nothing is our fault."""

from __future__ import annotations

import json
import logging
import os
import re
import resource
import time
from collections import Counter
from random import Random
from typing import Any

import pytest

from tests.handlers.sample import event
from tests.hostile.fuzzing import Frames, Fuzzer, Request
from tests.hostile.target import Target, target
from tests.soak.plan import FULL

IN_ALL = int(os.environ.get("SOAK_REQUESTS") or (100_000 if FULL else 1_000))
PARTS = 20 if FULL else 4
SEED = os.environ.get("SOAK_SEED", "1")
INSIDE = re.compile(
    r"Traceback|File \\?\"/|object at 0x|site-packages|\.py\b|boto|strawberry\.|Error\(|\"INTERNAL\""
)
"""What an answer shows that was not written for clients."""

LONGEST = 2.0
"""Seconds of processor time for one request of some kilobytes, on a machine that does more besides."""

GROWTH = 200 * 1024
"""KiB that a process may grow by in one part: what was written, in memory, among them."""


@pytest.mark.soak
@pytest.mark.parametrize("part", range(PARTS))
def test_no_damaged_request_makes_a_handler_fail(part: int, caplog: pytest.LogCaptureFixture) -> None:
    attacked = target()
    graphql_schema = attacked.application.composition.schema._schema
    fuzzer = Fuzzer(graphql_schema, Random(f"{SEED}:{part}"))
    told: Counter[str] = Counter()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(IN_ALL // PARTS):
        one = fuzzer.one()
        started = time.process_time()
        told.update(framed(attacked, one) if isinstance(one, Frames) else requested(attacked, one))
        assert time.process_time() - started < LONGEST, one
        assert not [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR], one
        caplog.clear()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < GROWTH
    print("told", json.dumps(told))  # noqa: T201 - with `-s`, for the table of a soak
    assert {"BAD_REQUEST", "GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "ping"} <= set(told)


def requested(attacked: Target, one: Request) -> list[str]:
    """How a request over HTTP was answered: codes, or `data`."""
    result: Any = attacked.http(event(one.method, query=one.query, headers=one.headers, body=one.body))
    assert 200 <= result["statusCode"] < 500, (one, result)
    text = str(result["body"])
    assert not INSIDE.search(text), (one, text)
    if not text or not result["headers"]["content-type"].startswith("application/"):
        return [f"status {result['statusCode']}"]
    answer = json.loads(text) if not result["isBase64Encoded"] else {"data": None}
    return [code for single in (answer if isinstance(answer, list) else [answer]) for code in codes(single)]


def framed(attacked: Target, one: Frames) -> list[str]:
    """How messages on a socket were answered."""
    connection = attacked.sockets.open()
    for text in one.texts:
        assert attacked.frame(connection, text) == {"statusCode": 200}
    told: list[str] = []
    for text in attacked.sockets.sent.pop(connection):
        assert not INSIDE.search(text), (one, text)
        message = json.loads(text)
        match message["type"]:
            case "next":
                told += codes(message["payload"])
            case "error":
                told += codes({"errors": message["payload"]})
            case kind:
                told.append(kind)
    attacked.socket({"requestContext": {"connectionId": connection, "eventType": "DISCONNECT"}})
    return told


def codes(answer: dict[str, Any]) -> list[str]:
    """The codes of an answer; each error has a message and a code."""
    errors = answer.get("errors", [])
    assert "data" in answer or errors, answer
    assert all(error["message"] for error in errors)
    return [error["extensions"]["code"] for error in errors] or ["data"]
