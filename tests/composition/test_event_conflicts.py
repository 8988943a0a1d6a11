"""What plugins say of events must agree: who records them, who follows them, and by which names."""

from __future__ import annotations

from datetime import timedelta

import pytest

from colonnade import Info
from colonnade.core_events import PrincipalActive
from colonnade.errors import ConflictError
from colonnade.events import Event, EventHandler, EventType, event
from colonnade.handling import HANDLE_AGAIN
from colonnade.jobs import Job
from colonnade.store import Writes
from colonnade.subscriptions import SubscriptionField, lossless, subscription
from tests.composition.building import compose_modules, giving, plugin_module
from tests.subscriptions.stage import Stage


@event("tide.turned", key=("coast",))
class TideTurned(Event):
    coast: str
    metres: int


@event("tide.turned", key=("coast",))
class TideAsOthersSeeIt(Event):
    coast: str
    moon: str = "new"


@event("tide.turned", key=("coast",))
class TideThatWantsMore(Event):
    coast: str
    moon: str
    wind: str


class Undecorated(Event):
    pass


async def nothing(*_: object) -> Writes:
    return Writes()


async def no_job(*_: object) -> None:
    return None


TIDES = plugin_module("tides", giving(event_types=[EventType(TideTurned, "The tide has turned.")]))


def problems(*modules: object) -> tuple[str, ...]:
    with pytest.raises(ConflictError) as raised:
        compose_modules(*modules)  # type: ignore[arg-type]
    return raised.value.problems


def test_a_handler_of_an_event_that_nobody_declares_is_refused() -> None:
    ports = plugin_module("ports", giving(event_handlers=[EventHandler("ports.log", TideTurned, nothing)]))

    assert problems(ports) == (
        "'ports': the event handler ports.log follows tide.turned, which no plugin declares; install the plugin that "
        "records it, or return it from the `event_types` hook",
    )


def test_a_handler_may_know_another_plugins_event_by_a_class_of_its_own() -> None:
    ports = plugin_module(
        "ports", giving(event_handlers=[EventHandler("ports.log", TideAsOthersSeeIt, nothing)])
    )

    assert [name for name, _ in compose_modules(TIDES, ports).event_handlers] == ["ports"]


def test_a_handler_that_needs_what_the_event_does_not_have_is_refused() -> None:
    ports = plugin_module(
        "ports", giving(event_handlers=[EventHandler("ports.log", TideThatWantsMore, nothing)])
    )

    assert problems(TIDES, ports) == (
        "'ports': the event handler ports.log needs moon, wind of tide.turned, which the event of 'tides' does not "
        "have; give them defaults",
    )


def showing(taken: type[Event]) -> SubscriptionField:
    async def tides(event: Event, info: Info, coast: str) -> str | None:
        return coast

    tides.__annotations__["event"] = taken
    declare = subscription(
        topics=lambda context, coast: [taken.topic(coast)], delivery=lossless, description="Tides of a coast."
    )
    return declare(tides)


def test_a_subscription_to_an_event_that_nobody_declares_is_refused() -> None:
    ports = plugin_module("ports", giving(graphql=[showing(TideTurned)]))

    assert problems(ports) == (
        "'ports': the subscription Tides follows tide.turned, which no plugin declares; install the plugin that "
        "records it, or return it from the `event_types` hook",
    )


def test_a_subscription_may_know_another_plugins_event_by_a_class_of_its_own_that_fits() -> None:
    fitting = plugin_module("ports", giving(graphql=[showing(TideAsOthersSeeIt)]))
    wanting = plugin_module("ports", giving(graphql=[showing(TideThatWantsMore)]))

    assert "Tides" in str(compose_modules(TIDES, fitting).schema)
    assert problems(TIDES, wanting) == (
        "'ports': the subscription Tides needs moon, wind of tide.turned, which the event of 'tides' does not have; "
        "give them defaults",
    )


def test_two_plugins_cannot_declare_one_event() -> None:
    others = plugin_module("others", giving(event_types=[EventType(TideAsOthersSeeIt, "It turned.")]))

    assert problems(TIDES, others) == (
        "event tide.turned is declared by both 'tides' and 'others'; rename one of them",
    )


def test_an_event_of_the_platform_cannot_be_declared_again_but_can_be_followed() -> None:
    handler = EventHandler("ports.greet", PrincipalActive, nothing)
    ports = plugin_module("ports", giving(event_handlers=[handler]))
    claiming = plugin_module("claiming", giving(event_types=[EventType(PrincipalActive, "Mine.")]))

    assert compose_modules(ports).event_handlers == [("ports", handler)]
    assert problems(claiming) == (
        "event principal.active is declared by both 'colonnade' and 'claiming'; rename one of them",
    )


def test_a_class_that_is_no_event_cannot_be_declared_as_one() -> None:
    odd = plugin_module("odd", giving(event_types=[EventType(Undecorated, "Nothing.")]))

    assert problems(odd) == ("'odd': Undecorated is no event; decorate it with @event(…)",)


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("event handler", {"event_handlers": [EventHandler("same.name", PrincipalActive, nothing)]}),
        ("job", {"jobs": [Job("same.name", no_job)]}),
    ],
)
def test_handlers_and_jobs_of_two_plugins_have_two_names(kind: str, given: dict[str, list[object]]) -> None:
    one, other = (plugin_module(name, giving(**given)) for name in ("one", "other"))

    assert problems(one, other) == (
        f"{kind} same.name is declared by both 'one' and 'other'; rename one of them",
    )


@pytest.mark.parametrize(
    "every", [timedelta(), timedelta(seconds=30), timedelta(seconds=90), -timedelta(hours=1)]
)
def test_the_schedule_knows_whole_minutes(every: timedelta) -> None:
    with pytest.raises(ValueError, match="whole minutes"):
        Job("odd.job", no_job, every=every)


@pytest.mark.parametrize("name", ["tide", "Tide.turned", "tide.", "tide turned", "", "tide..turned"])
def test_an_event_has_a_name_of_words_and_dots(name: str) -> None:
    with pytest.raises(ValueError, match=r"as in applause\.given"):
        event(name)


def test_the_key_of_an_event_is_of_its_fields() -> None:
    with pytest.raises(ValueError, match="fields that it does not have: shore"):

        @event("tide.ebbed", key=("shore",))
        class TideEbbed(Event):
            coast: str


def test_topics_of_different_keys_differ() -> None:
    assert TideTurned.topic("a#b") != TideTurned.topic("a%23b")
    assert TideTurned(coast="a#b", metres=1).own_topic == TideTurned.topic("a#b")
    with pytest.raises(ValueError, match="2 values were given"):
        TideTurned.topic("a", "b")


def test_an_event_of_another_version_is_read_with_defaults() -> None:
    assert TideAsOthersSeeIt.of({"coast": "west", "metres": 4}) == TideAsOthersSeeIt(coast="west")
    with pytest.raises(KeyError, match="metres"):
        TideTurned.of({"coast": "west"})


def test_no_plugin_takes_the_name_of_something_that_the_platform_runs() -> None:
    """Two jobs of one name would both never run, and two handlers of one name share their marks."""
    stage = Stage()
    own_jobs = [job.name for job in stage.deliverer.jobs()] + [HANDLE_AGAIN]
    own_handler = stage.deliverer.revocation().name

    for name in own_jobs:
        (said,) = problems(plugin_module("taking", giving(jobs=[Job(name, no_job)])))
        assert said == (
            f"job {name} of 'taking' begins as the platform's own do; begin it with the plugin's name, as in "
            f"taking.{name.partition('.')[2]}"
        )
    taking = plugin_module("taking", giving(event_handlers=[EventHandler(own_handler, TideTurned, nothing)]))
    (said,) = problems(TIDES, taking)
    assert said.startswith(f"event handler {own_handler} of 'taking'")
