"""Clients of the API, as Locust runs them, in an environment of their own.

COLONNADE_LOAD is a JSON object: `users`; `phases`, each the requests a second that all users make together (0: each
asks again as soon as it is answered) and for how many seconds; and `samples`, the file that is written in the end: for
each request the phase, the seconds since that began, the milliseconds until it was answered, how, and what kind it was.

`pace`: the milliseconds that `work` took while the rates were found, or 0. The machine is shared, and what a processor does in
a second may be half of what it did a minute ago: the rates are of a machine of that pace, and follow the one that it has.
"""

from __future__ import annotations

import json
import os
import time
from array import array
from collections import deque
from pathlib import Path
from statistics import fmean
from typing import Any, Final

import gevent  # type: ignore[import-untyped]
import requests
from gevent.lock import Semaphore  # type: ignore[import-untyped]
from locust import FastHttpUser, LoadTestShape, events, task  # type: ignore[import-not-found]

GIVEN: Final = json.loads(os.environ["COLONNADE_LOAD"])
PHASES: Final[list[tuple[float, float]]] = [(rate, seconds) for rate, seconds in GIVEN["phases"]]
USERS: Final[int] = GIVEN["users"]
PACE: Final[float] = GIVEN["pace"]
RENEW: Final = 60.0
"""Seconds after which the session that the machine lends is asked for again."""

OFTEN: Final = "{ platform { version limits { cost } } webhookEventTypes { name } }"
HELD: Final = "{ viewer { id wallets { address } sessions(first: 5) { edges { node { id } } } } }"
KEYS: Final = "query Keys { viewer { apiKeys(first: 10) { edges { node { id createdAt } } } } }"

KINDS: Final = {OFTEN: 0, HELD: 1, KEYS: 2}
LATE, WORK = 3, 4
"""The kinds of samples, beside those of requests, that say how late the clients are by themselves, and how long a processor
takes for the same work."""

_samples: Final = {name: array("d") for name in ("phase", "at", "milliseconds", "outcome", "kind")}
_began = [time.monotonic()]
_due: Final = Semaphore(0)
_works: Final[deque[float]] = deque(maxlen=25)
_session: dict[str, Any] = {"token": "", "renewed": -RENEW}


def now() -> tuple[int, float]:
    """The phase, and how long it has lasted."""
    since = time.monotonic() - _began[0]
    for number, (_, seconds) in enumerate(PHASES):
        if since < seconds:
            return number, since
        since -= seconds
    return len(PHASES), since


class Phases(LoadTestShape):  # type: ignore[misc]
    """All users from the start, until the last phase is over."""

    def tick(self) -> tuple[int, float] | None:
        return None if now()[0] == len(PHASES) else (USERS, float(USERS))


class Client(FastHttpUser):  # type: ignore[misc]
    """Asks one thing after another, each when the phase has one more to be asked."""

    connection_timeout = network_timeout = 20.0

    @task(1)
    def often(self) -> None:
        self.ask(OFTEN)

    @task(6)
    def signed_in(self) -> None:
        self.ask(HELD, token())

    @task(3)
    def keys(self) -> None:
        self.ask(KEYS, token())

    def ask(self, query: str, bearer: str = "") -> None:
        """Ask, and note how it went."""
        if rate_of(now()[0]):
            _due.acquire()
        phase, at = now()
        if phase == len(PHASES):
            return
        began = time.perf_counter()
        headers = {"authorization": f"Bearer {bearer}"} if bearer else {}
        response = self.client.post("/graphql", json={"query": query}, headers=headers)
        taken = (time.perf_counter() - began) * 1_000
        note(phase, at, taken, outcome(response), KINDS[query])


def rate_of(phase: int) -> float:
    """Requests a second of all clients in a phase, 0 where each asks again as soon as it is answered: as many as are to be
    asked, more or fewer as the processors are faster or slower than when that number was found.
    """
    asked = PHASES[min(phase, len(PHASES) - 1)][0]
    return asked * PACE / fmean(_works) if PACE and _works else asked


def pace() -> None:
    """Have one request asked after another, evenly: whoever of the clients is free asks, as many as answers allow.

    So the rate is what was asked for at each moment. What no client was free for is not asked for later, all at once.
    """
    due = time.monotonic()
    while (phase := now()[0]) < len(PHASES):
        due = max(due, time.monotonic() - 0.1) + 1 / (rate_of(phase) or USERS)
        gevent.sleep(max(0.0, due - time.monotonic()))
        if _due.locked():
            _due.release()


def note(*values: float) -> None:
    """Keep one sample."""
    for name, value in zip(_samples, values, strict=True):
        _samples[name].append(value)


def watch_the_clock() -> None:
    """Note by how much a sleep of 20 ms is too long: what clients are late by themselves is not the server's. And note how
    long a processor takes for the same work, its own time, not what others had of it.
    """
    while True:
        phase, at = now()
        began = time.perf_counter()
        gevent.sleep(0.02)
        note(phase, at, (time.perf_counter() - began - 0.02) * 1_000, 0, LATE)
        began = time.thread_time()
        work()
        _works.append((time.thread_time() - began) * 1_000)
        note(phase, at, _works[-1], 0, WORK)


def work() -> int:
    """A quarter of a millisecond of what an interpreter does."""
    return sum(number * number % 7 for number in range(3_000))


def outcome(response: Any) -> int:
    """0 for an answer without an error, 1 for a refusal that says when to come again, or else the status, negative."""
    if response.status_code in {429, 503} and response.headers.get("retry-after"):
        return 1
    if response.status_code == 200 and "errors" not in response.json():
        return 0
    return -int(response.status_code or 1)


def token() -> str:
    """Of the session that the machine lends to its pages."""
    return str(_session["token"])


def renew(host: str) -> None:
    """Borrow the session anew now and then: an access token lasts minutes."""
    while True:
        headers = {"x-colonnade-development": "1"}
        answer = requests.post(f"{host}/development/session", headers=headers, timeout=20)
        if answer.ok:
            _session["token"] = answer.json()["accessToken"]
        gevent.sleep(RENEW)


@events.test_start.add_listener
def begin(environment: Any, **_: Any) -> None:
    """Note the moment, and borrow the session."""
    renewing = gevent.spawn(renew, environment.host)
    while not token() and not renewing.dead:
        gevent.sleep(0.05)
    _began[0] = time.monotonic()
    gevent.spawn(watch_the_clock)
    gevent.spawn(pace)


@events.quitting.add_listener
def end(environment: Any, **_: Any) -> None:
    """Write what was noted."""
    Path(GIVEN["samples"]).write_text(json.dumps({name: list(values) for name, values in _samples.items()}))
    environment.process_exit_code = 0
