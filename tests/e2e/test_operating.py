"""What an operator does about a running stack from a terminal: dead letters of jobs and of events, the index, operations."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.bell_stack import BellStack, bells, soon
from tests.e2e.stack import PATIENCE

pytestmark = [pytest.mark.onchain, pytest.mark.dynamodb_local]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BellStack]:
    made = bells(tmp_path_factory.mktemp("bells"))
    with made.run():
        yield made


def only_letter(stack: BellStack, of: str) -> Any:
    """The only dead letter, as soon as it is listed."""
    deadline = time.monotonic() + PATIENCE
    while not (found := json.loads(stack.operate(of, "dead-letters", "--json"))):
        assert time.monotonic() < deadline
    [letter] = found
    return letter


def test_a_jobs_dead_letter_says_why_and_a_replay_has_it_done(stack: BellStack) -> None:
    stack.hold("stuck")
    stack.ring("msg_poison", "gate", at="impatient", what="fails")
    letter = only_letter(stack, "jobs")
    assert (letter["job"], letter["arguments"]) == ("bells.impatient.received", {"message": "msg_poison"})
    assert (letter["reason"], letter["attempts"]) == ("the bell is stuck", 1)
    said = stack.operate("jobs", "dead-letters")
    assert letter["id"] in said
    assert "the bell is stuck" in said
    assert stack.rings("gate") == (0, 0)

    stack.release("stuck")
    again = stack.operate("jobs", "replay", letter["id"])
    assert again == f"{letter['id']} of bells.impatient.received is asked for again.\n"
    soon(lambda: stack.rings("gate"), (1, 1))
    soon(lambda: stack.operate("jobs", "dead-letters"), "There is none.\n")


def test_an_event_that_a_handler_cannot_take_is_listed_and_a_replay_has_it_taken(stack: BellStack) -> None:
    stack.hold("stuck")
    stack.ring("msg_locked", "locked gate")
    letter = only_letter(stack, "events")
    assert letter["topic"].startswith("bells.rang")
    assert letter["reason"].endswith("the bell is stuck")
    assert "bells.answer" in letter["who"]
    assert letter["id"] in stack.operate("events", "dead-letters")
    assert stack.rings("locked gate") == (1, 0)

    stack.release("stuck")
    assert stack.operate("events", "replay", letter["id"]).startswith("1 to be replayed")
    soon(lambda: stack.rings("locked gate"), (1, 1))
    soon(lambda: stack.operate("events", "dead-letters"), "There are no dead letters.\n")


def test_the_index_of_the_chain_is_listed_with_what_it_is_behind(stack: BellStack) -> None:
    def behind() -> set[bool]:
        head, *lines = stack.operate("index", "list").splitlines()
        assert head.split() == ["PROJECTION", "GENERATION", "ROWS", "INDEXED", "BEHIND"]
        rows = [line.split() for line in lines]
        assert rows
        assert {tuple(row[1:3]) for row in rows} == {("1", "serve")}
        return {row[4].isdecimal() and int(row[4]) <= 3 for row in rows}

    soon(behind, {True})  # a block comes every two seconds


def test_an_operation_is_listed_with_its_bar_while_it_works_and_when_it_is_done(stack: BellStack) -> None:
    stack.ring("msg_tune", "tower", what="tunes")

    def bar() -> str:
        [line] = [line for line in stack.operate("operations", "list").splitlines() if "bells.tune" in line]
        return line[line.index("[") :]

    soon(bar, "[#####-----]  50% 2/4 running  tuning")
    stack.hold("go")
    soon(bar, "[##########] 100% 4/4 done  tuning")
