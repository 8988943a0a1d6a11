"""What plugins say strangers may be told of must agree, and be sayable."""

from __future__ import annotations

import pytest

from colonnade.errors import ConflictError
from colonnade.events import Event, EventType, event
from colonnade.permissions import Permission
from colonnade.webhooks import Notice, WebhookType
from tests.composition.building import compose_modules, giving, plugin_module


@event("tide.turned", key=("coast",))
class TideTurned(Event):
    coast: str


def nobody(_: object) -> None:
    return None


TURNED = EventType(TideTurned, "The tide has turned.")
TOLD = WebhookType("tide.told", "The tide has turned.", TideTurned, nobody)


def problems(*modules: object) -> tuple[str, ...]:
    with pytest.raises(ConflictError) as raised:
        compose_modules(*modules)  # type: ignore[arg-type]
    return raised.value.problems


def test_two_plugins_cannot_have_one_webhook() -> None:
    tides = plugin_module("tides", giving(event_types=[TURNED], webhooks=[TOLD]))
    moons = plugin_module("moons", giving(webhooks=[TOLD]))
    [problem] = problems(tides, moons)
    assert all(word in problem for word in ("webhook", "tide.told", "tides", "moons"))


def test_a_webhook_of_an_event_that_nobody_declares_is_named() -> None:
    [problem] = problems(plugin_module("moons", giving(webhooks=[TOLD])))
    assert "colonnade.webhooks.moons/tide.turned follows tide.turned" in problem


def test_a_webhook_whose_permission_nobody_declares_is_named() -> None:
    secret = WebhookType("tide.secret", "…", TideTurned, nobody, permission=Permission("SEE_TIDES", "…"))
    [problem] = problems(plugin_module("tides", giving(event_types=[TURNED], webhooks=[secret])))
    assert "tide.secret requires the permission SEE_TIDES" in problem


@pytest.mark.parametrize("name", ["told", "Tide.told", "tide told", "webhook.test", "tide.", ""])
def test_a_webhook_has_a_name_like_an_event(name: str) -> None:
    with pytest.raises(ValueError, match="lower-case words"):
        WebhookType(name, "…", TideTurned, nobody)


def test_versions_count_from_one() -> None:
    with pytest.raises(ValueError, match="from 1"):
        WebhookType("tide.told", "…", TideTurned, nobody, version=0)


def test_one_event_is_not_told_to_a_crowd() -> None:
    assert Notice(("a", "b", "c", "d", "a"), {}).owners[0] == "a"
    with pytest.raises(ValueError, match="at most 4"):
        Notice(tuple("abcde"), {})


def test_without_the_plugin_of_webhooks_events_have_no_more_handlers() -> None:
    tides = plugin_module("tides", giving(event_types=[TURNED], webhooks=[TOLD]))
    assert list(compose_modules(tides).event_handlers) == []
