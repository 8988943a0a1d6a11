"""A thread beside the gateway goes on after a step that failed, and tells of it as the failure deserves."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

import pytest
from botocore.exceptions import ReadTimeoutError

from colonnade.errors import ChainUnavailable, QueueUnavailable, StoreUnavailable
from infra.local import background
from infra.local.background import Background

PATIENCE = 60.0


def failing_once(problem: Exception) -> tuple[Callable[[], float], threading.Event]:
    """A step that raises when it is first called, and an event that is set once it was called again."""
    again = threading.Event()
    left = [problem]

    def step() -> float:
        if left:
            raise left.pop()
        again.set()
        return PATIENCE

    return step, again


def told_of(problem: Exception, caplog: pytest.LogCaptureFixture) -> logging.LogRecord:
    """The one record of a step that failed with `problem`, after the next step was made."""
    step, again = failing_once(problem)
    with Background("stream", step):
        assert again.wait(PATIENCE)
    (record,) = caplog.records
    return record


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "_AFTER_FAILURE", 0.001)


@pytest.mark.parametrize(
    "problem",
    [
        ChainUnavailable("the node is slow"),
        QueueUnavailable("the queue is slow"),
        ReadTimeoutError(endpoint_url="http://127.0.0.1:1/"),
        StoreUnavailable("the database is slow"),
    ],
    ids=lambda problem: type(problem).__name__,
)
def test_what_does_not_answer_is_a_line_without_a_trace(
    problem: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    record = told_of(problem, caplog)
    assert (record.levelname, record.exc_info) == ("WARNING", None)
    assert record.__dict__["fields"] == {"of": "stream", "why": str(problem)}


def test_a_fault_of_ours_is_told_with_its_trace(caplog: pytest.LogCaptureFixture) -> None:
    record = told_of(KeyError("sequence"), caplog)
    assert record.levelname == "ERROR"
    assert record.exc_info is not None
    assert record.exc_info[0] is KeyError
    assert record.__dict__["fields"] == {"of": "stream"}
