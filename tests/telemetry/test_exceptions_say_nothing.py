"""What unexpected exceptions say is in no line, whichever way the request came that raised them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from colonnade.outbox import recorded
from colonnade.publishing import Delivery
from colonnade.store import Writes
from colonnade.testing import MemoryStore
from colonnade.work.dead_letters import DeadLetters
from colonnade.work.rows import TASK
from handlers import runtime
from handlers.deliver import DeliverHandler
from handlers.http import HttpHandler
from handlers.jobs import TICK, JobsHandler
from handlers.stream import StreamHandler
from infra.queues.rules import MAX_ATTEMPTS
from infra.raised import MOST_EXCEPTIONS, MOST_FRAMES, raised
from tests.events.rows import BellRung
from tests.handlers.sample import event
from tests.handlers.test_queue_handlers import queue_event
from tests.handlers.test_websocket import CONNECTION_ID
from tests.telemetry.every_way import BREAKING, CANARY, PATH, Scene, number_of, scene
from tests.telemetry.test_one_line_a_request import ask, ask_webhook, bell_record, json_of, say

BROKEN = {"query": "query Q($w: String!) { broken(words: $w) }", "variables": {"w": CANARY}}


@pytest.fixture
def told() -> Iterator[Scene]:
    with scene() as made:
        yield made


def by_http(told: Scene) -> None:
    ask(told, BROKEN, authorization="Bearer user-1")


def by_its_credentials(told: Scene) -> None:
    ask(told, BROKEN, authorization=f"Bearer broken-{CANARY}")


def by_a_route(told: Scene) -> None:
    HttpHandler(told.application)(event(path=PATH, body="break"))


def by_a_socket(told: Scene) -> None:
    told.sockets.open(CONNECTION_ID)
    say(told, type="connection_init", payload={"authorization": "Bearer user-1"})
    say(told, type="subscribe", id="1", payload=BROKEN)


def by_the_queue(told: Scene) -> None:
    JobsHandler(told.application)(queue_event({"job": "scene.toil", "arguments": {"breaks": CANARY}}))


def by_the_stream(told: Scene) -> None:
    ports = told.application.adapters
    row = recorded(BellRung(bell=CANARY, stroke=BREAKING), ports.ids.new("evt"), ports.clock.now())
    runtime.run(ports.store.transact(Writes([row])))
    StreamHandler(told.application)(json_of({"Records": [bell_record(row, "1")]}))


def by_a_task_that_is_given_up(told: Scene) -> None:
    [task] = asked_later(told, "scene.hopeless", {"breaks": CANARY})
    jobs = JobsHandler(told.application)
    jobs(queue_event({"task": task}))
    jobs(queue_event({"task": task}))  # of a letter, too, only the table knows why
    ports = told.application.adapters
    [letter] = runtime.run(DeadLetters(ports.store, ports.clock, ports.queues.jobs).newest())
    assert letter.dead_at is not None


def by_a_job_of_the_minute(told: Scene) -> None:
    JobsHandler(told.application)(TICK)
    do_what_waits(told, "scene.minute")


def by_a_strangers_webhook(told: Scene) -> None:
    ask_webhook(told, json.dumps({"door": f"stuck {CANARY}"}))
    do_what_waits(told)


def by_a_delivery(told: Scene) -> None:
    async def broken(delivery: Delivery) -> None:
        number_of(CANARY)

    ports = told.application.adapters
    dead = told.application.relay.handling.dead
    handler = DeliverHandler(broken, ports.queues.deliveries, dead, told.application.telemetry)
    bodies = queue_event(Delivery(f"bell.rung#{CANARY}", 1).message.body)
    bodies["Records"][0]["attributes"]["ApproximateReceiveCount"] = str(MAX_ATTEMPTS)
    handler(bodies)
    [letter], _ = runtime.run(dead.listed("delivery", 10))
    assert letter.reason


def do_what_waits(told: Scene, job: str | None = None) -> None:
    """The one task that waits, or the one of `job`."""
    store = told.application.adapters.store
    assert isinstance(store, MemoryStore)
    page = runtime.run(store.scan(TASK, after=None, limit=100))
    [task] = [item.attributes for item in page.items if job in {None, item.attributes["job"]}]
    JobsHandler(told.application)(queue_event({"task": task["id"]}))


def asked_later(told: Scene, job: str, arguments: dict[str, Any]) -> list[str]:
    put = told.application.make_context("request-1", None).later(job, arguments)
    runtime.run(told.application.adapters.store.transact(Writes([put])))
    return [str(put.item.attributes["id"])]


WAYS = [
    by_http,
    by_its_credentials,
    by_a_route,
    by_a_socket,
    by_the_queue,
    by_the_stream,
    by_a_task_that_is_given_up,
    by_a_job_of_the_minute,
    by_a_strangers_webhook,
    by_a_delivery,
]


@pytest.mark.parametrize("come", WAYS)
def test_what_an_unexpected_exception_says_is_in_no_line(told: Scene, come: Callable[[Scene], None]) -> None:
    come(told)
    written: list[dict[str, Any]] = [json.loads(line) for line in told.log.getvalue().splitlines()]
    exceptions = [line["exception"] for line in written if "number_of" in line.get("exception", "")]
    assert exceptions
    for exception in exceptions:
        assert "builtins.ValueError (the cause of the next)" in exception
        assert "builtins.RuntimeError" in exception
        assert "every_way.py" in exception
    assert CANARY not in told.told()
    assert "123456789012" not in told.told()


def test_no_letter_holds_a_secret_of_the_deployment(told: Scene) -> None:
    secret = max(told.application.secrets, key=len)

    async def broken(delivery: Delivery) -> None:
        raise RuntimeError(f"asked with {secret}")

    ports, dead = told.application.adapters, told.application.relay.handling.dead
    handler = DeliverHandler(broken, ports.queues.deliveries, dead, told.application.telemetry)
    for _ in range(2):  # a new letter, and one more failure of it
        messages = queue_event(Delivery("bell.rung#church", 1).message.body)
        messages["Records"][0]["attributes"]["ApproximateReceiveCount"] = str(MAX_ATTEMPTS)
        handler(messages)
        [letter], _ = runtime.run(dead.listed("delivery", 10))
        assert letter.reason == "asked with [hidden]"
    assert secret not in told.told()


def failure(words: str) -> Exception:
    with pytest.raises(RuntimeError) as caught:
        number_of(words)
    return caught.value


def test_each_of_a_group_is_told_and_none_speaks() -> None:
    written = raised(ExceptionGroup(CANARY, [failure(CANARY), KeyError(CANARY)]))
    assert written.count("(one of a group)") == 2
    assert written.endswith("ExceptionGroup")
    assert CANARY not in written


def test_a_chain_is_told_to_a_bound_though_it_runs_in_a_circle() -> None:
    first, second = KeyError(CANARY), ValueError(CANARY)
    first.__cause__, second.__cause__ = second, first
    assert raised(first).count("Error") == 2
    last: BaseException = KeyError(CANARY)
    for _ in range(4 * MOST_EXCEPTIONS):
        following = KeyError(CANARY)
        following.__context__ = last
        last = following
    assert raised(last).count("builtins.KeyError") == MOST_EXCEPTIONS


def test_the_innermost_frames_are_told() -> None:
    def deeper(left: int) -> int:
        return number_of(CANARY) if left == 0 else deeper(left - 1)

    with pytest.raises(RuntimeError) as caught:
        deeper(3 * MOST_FRAMES)
    own = raised(caught.value).split("(the cause of the next)")[1]
    assert own.count("  File ") <= MOST_FRAMES
    assert "number_of" in own


class Answered(Exception):
    """As botocore's."""

    def __init__(self, code: object) -> None:
        super().__init__(CANARY)
        self.response = {"Error": {"Code": code, "Message": CANARY}}


@pytest.mark.parametrize(
    ("error", "end"),
    [
        (Answered("AccessDenied"), "Answered AccessDenied"),
        (Answered(f"not {CANARY}"), "Answered"),
        (Answered(None), "Answered"),
        (FileNotFoundError(2, CANARY, CANARY), "builtins.FileNotFoundError errno 2"),
        (OSError(CANARY), "builtins.OSError"),
    ],
)
def test_a_code_of_a_closed_set_is_told(error: Exception, end: str) -> None:
    assert raised(error).endswith(end)
    assert CANARY not in raised(error)
