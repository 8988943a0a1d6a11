"""Declaring subscriptions: what the schema gains, and what is refused at composition."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Annotated, Any

import pytest
import strawberry

from colonnade import Context, Info, Plugin, hookimpl
from colonnade.conventions import SchemaView, check
from colonnade.errors import ConflictError, PluginError
from colonnade.limits import Limits
from colonnade.server.documents import RequestError
from colonnade.server.operations import Operations
from colonnade.subscriptions import SubscriptionField, conflated, lossless, subscription
from colonnade.testing import Harness
from tests.subscriptions import applause
from tests.subscriptions.applause import Applauded, Clap
from tests.subscriptions.stage import COMPOSITION

Which = Annotated[str, strawberry.argument(description="Which.")]


def topics(context: Context) -> list[str]:
    return [Applauded.topic("ada")]


def topics_of(context: Context, which: str) -> list[str]:
    return [Applauded.topic(which)]


def declared(function: Callable[..., Any], **how: Any) -> SubscriptionField:
    given = {"topics": topics, "delivery": lossless, "description": "Applause.", **how}
    return subscription(**given)(function)


def composed_with(*fields: object, name: str = "declaring") -> Harness:
    module: Any = ModuleType(name)
    module.plugin = Plugin(name, sdk=">=0")
    module.graphql = hookimpl(lambda: [*fields], specname="graphql")
    return Harness(module, applause)


def test_what_is_composed_keeps_the_conventions() -> None:
    breaches = [breach for breach in check(SchemaView.of(COMPOSITION)) if "Subscription" in breach]
    assert breaches == []


def test_a_lossless_field_gains_after_and_a_payload_with_a_cursor() -> None:
    sdl = COMPOSITION.schema.as_str()
    assert "after: String = null\n  ): ApplaudedPayload\n" in sdl
    payload = sdl.partition("type ApplaudedPayload {")[2].partition("}")[0]
    assert "cursor: String!" in payload
    assert "node: Clap\n" in payload


def test_a_conflated_field_gains_a_payload_with_sequence_and_kind() -> None:
    payload = COMPOSITION.schema.as_str().partition("type LatestPayload {")[2].partition("}")[0]
    assert "sequence: BigInt!" in payload
    assert "kind: UpdateKind!" in payload


def test_permissions_are_told_in_the_description() -> None:
    field: Any = COMPOSITION.schema.get_field_for_type("overheard", "Subscription")
    assert field.description == "Applause, for those who may."
    assert "Requires `LISTEN`." in COMPOSITION.schema.as_str()


def test_what_a_message_costs_is_looked_at_when_somebody_begins() -> None:
    async def dear(event: Applauded, info: Info) -> Clap | None:
        return None

    schema = composed_with(declared(dear, cost=7)).composition.schema
    document = "subscription { dear { node { text } } }"
    enough, less = (Operations(schema, Limits(cost=most)) for most in (9, 8))
    assert enough.cost(enough.prepare(document, None), {}) == 7 + 2
    with pytest.raises(RequestError) as refused:
        less.cost(less.prepare(document, None), {})
    assert refused.value.code == "COST_LIMIT_EXCEEDED"


def test_a_cost_is_not_below_nothing() -> None:
    async def odd(event: Applauded, info: Info) -> Clap | None:
        return None

    with pytest.raises(PluginError, match="a cost is 0 or more"):
        composed_with(declared(odd, cost=-1))


def test_a_field_that_two_plugins_declare_names_both() -> None:
    async def heard(event: Applauded, info: Info) -> Clap | None:
        return None

    with pytest.raises(ConflictError) as refused:
        composed_with(declared(heard))
    assert any(
        "Subscription.heard" in p and "'declaring'" in p and "'applause_followed'" in p
        for p in refused.value.problems
    )


async def no_event(event: str, info: Info) -> Clap | None: ...
async def no_info(event: Applauded, which: Which) -> Clap | None: ...
async def never_nothing(event: Applauded, info: Info) -> Clap: ...  # type: ignore[empty-body]
async def own_after(event: Applauded, info: Info, after: Which) -> Clap | None: ...
async def bare_argument(event: Applauded, info: Info, which) -> Clap | None: ...  # type: ignore[no-untyped-def]
async def unknown_type(event: Applauded, info: Info) -> Missing | None: ...  # type: ignore[name-defined]  # noqa: F821
async def more_arguments(event: Applauded, info: Info, which: Which) -> Clap | None: ...
async def any_arguments(event: Applauded, info: Info, **which: Which) -> Clap | None: ...
async def fine(event: Applauded, info: Info) -> Clap | None: ...
def not_async(event: Applauded, info: Info) -> Clap | None: ...
async def bad_snapshot(info: Info, which: str) -> Clap | None: ...
def slow_snapshot(info: Info) -> Clap | None: ...


@pytest.mark.parametrize(
    ("field", "reason"),
    [
        (declared(no_event), "names the events it takes"),
        (declared(no_info), "the event first and `info` second"),
        (declared(never_nothing), "let it return `T | None`"),
        (declared(own_after, topics=lambda context, after: []), "`after` is added"),
        (declared(bare_argument, topics=topics_of), "which has no annotation"),
        (declared(unknown_type), "import what they name at run time"),
        (declared(more_arguments), "topics(context, which)"),
        (declared(any_arguments), "not an argument that can be given by its name"),
        (declared(not_async), "write `async def`"),
        (declared(fine, snapshot=bad_snapshot), "snapshot(info)"),
        (declared(fine, snapshot=slow_snapshot), "its snapshot is not async"),
    ],
)
def test_functions_that_do_not_fit_are_refused_with_what_would(field: SubscriptionField, reason: str) -> None:
    with pytest.raises(PluginError) as refused:
        composed_with(field)
    assert reason in str(refused.value)
    assert f"subscription {field.name}" in str(refused.value)


@pytest.mark.parametrize("interval_ms", [0, 49, 60_001])
def test_an_interval_is_of_50_ms_to_a_minute(interval_ms: int) -> None:
    with pytest.raises(ValueError, match="50 to 60000 ms"):
        conflated(interval_ms)


@pytest.mark.parametrize(
    "bad",
    [
        [],
        [Applauded.topic("ada"), Applauded.topic("bob")],
        ["another.event#ada"],
    ],
)
async def test_topics_that_a_lossless_field_cannot_follow_are_a_bug_of_the_plugin(bad: list[str]) -> None:
    harness = composed_with(declared(fine, topics=lambda context: bad))
    feed = await harness.subscribe("subscription { fine { cursor } }")
    assert feed.codes == ["INTERNAL"]
    assert feed.messages[0]["payload"][0]["extensions"]["plugin"] == "declaring"
