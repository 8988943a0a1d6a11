import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from colonnade.http import current_request_id
from infra.observability import configure

SECRET = "kL9-mQ2_vX7pR4tY8wZ1"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    root.handlers = []
    stream = io.StringIO()
    configure("INFO", [SECRET], stream)
    yield stream
    root.handlers = handlers
    root.setLevel(level)


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_each_message_is_one_line_with_the_id_of_its_request(log: io.StringIO) -> None:
    token = current_request_id.set("req-7")
    logging.getLogger("colonnade.server").info("two\nlines", extra={"fields": {"status": 200, "kind": None}})
    current_request_id.reset(token)
    logging.getLogger("elsewhere").warning("later")
    first, second = lines(log)
    assert first["message"] == "two\nlines"
    assert first["requestId"] == "req-7"
    assert first["status"] == 200
    assert "kind" not in first
    assert first["time"].endswith("Z")
    assert second["level"] == "WARNING"
    assert "requestId" not in second


def test_secret_is_hidden_in_messages_fields_and_tracebacks(log: io.StringIO) -> None:
    logger = logging.getLogger("plugins.anything")
    try:
        try:
            raise ValueError(f"first {SECRET}")
        except ValueError as error:
            raise RuntimeError(f"https://user:{SECRET}@node.example/{SECRET} is down") from error
    except RuntimeError:
        logger.exception(
            "failed with %s", SECRET, extra={"fields": {"path": SECRET, "deep": [{"x": SECRET}]}}
        )
    (line,) = lines(log)
    assert SECRET not in log.getvalue()
    assert "RuntimeError" in line["exception"]
    assert "ValueError" in line["exception"]


def test_a_secret_that_is_learnt_later_is_hidden_though_it_was_found_clean_before(log: io.StringIO) -> None:
    later = "hunter2-hunter2"
    logging.getLogger("plugins.anything").info(later)
    after = io.StringIO()
    configure("INFO", [SECRET, later], after)
    logging.getLogger("plugins.anything").info(later)
    assert later in log.getvalue()
    assert lines(after)[0]["message"] == "[hidden]"


def test_fields_do_not_replace_what_every_line_has(log: io.StringIO) -> None:
    logging.getLogger("plugins.anything").info(
        "plain", extra={"fields": {"message": "forged", "level": "DEBUG"}}
    )
    assert lines(log)[0]["message"] == "plain"
    assert lines(log)[0]["level"] == "INFO"


def test_libraries_that_print_credentials_stay_quiet(log: io.StringIO) -> None:
    logging.getLogger("botocore.auth").info("signing with %s", SECRET)
    logging.getLogger("colonnade").debug("too much")
    assert log.getvalue() == ""


def test_long_messages_are_cut(log: io.StringIO) -> None:
    logging.getLogger("plugins.anything").info("x" * 1_000_000)
    assert len(log.getvalue()) < 30_000
