"""Seven ways a plugin can fail, each kept to itself and what requires it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest
import strawberry

from colonnade import extend
from colonnade.composer import compose
from colonnade.errors import ConflictError, PluginError
from colonnade.registry import PluginState, Registry
from tests.composition.building import Query, giving, plugin_module, registry_of, status_of


@extend("Query")
class Greeting:
    @strawberry.field
    def greeting(self) -> str | None:
        return "hello"


def good() -> ModuleType:
    return plugin_module("good", giving(graphql=[Greeting]))


def explode() -> Any:
    raise ImportError("No module named 'talib'")


def exit_at_import() -> Any:
    raise SystemExit(3)


def raising() -> list[type]:
    raise LookupError("no table of contents")


class Speechless(Exception):
    def __str__(self) -> str:
        raise ZeroDivisionError("not even this")


def speechless() -> Any:
    raise Speechless


class Lazy(ModuleType):
    def __getattr__(self, name: str) -> Any:
        raise LookupError(f"no {name} before noon")


@strawberry.type
class Kettle:
    litres: int


class Undecorated:
    pass


def yielding() -> Iterator[type]:
    yield Kettle


def wrong_argument(registry: object) -> list[type]:
    return []


FAILING: dict[str, tuple[Callable[[], Any], str]] = {
    "import error": (explode, "import failed: ImportError: No module named 'talib'"),
    "exit at import": (exit_at_import, "import failed: SystemExit: 3"),
    "no manifest": (lambda: ModuleType("bad"), "declares no `plugin = Plugin("),
    "another name": (lambda: plugin_module("other"), "its manifest calls it 'other'"),
    "wrong SDK range": (lambda: plugin_module("bad", sdk="<1"), "needs colonnade <1, and this is 1."),
    "malformed SDK range": (lambda: plugin_module("bad", sdk="one"), "sdk='one' is not a version range"),
    "misspelled hook": (
        lambda: plugin_module("bad", {"grapqhl": lambda: []}),
        "hooks that do not exist: grapqhl (did you mean graphql?)",
    ),
    "wrong argument": (lambda: plugin_module("bad", {"graphql": wrong_argument}), "registry"),
    "raising hook": (
        lambda: plugin_module("bad", {"graphql": raising}),
        "hook graphql raised LookupError: no table of contents",
    ),
    "exit in a hook": (
        lambda: plugin_module("bad", {"graphql": exit_at_import}),
        "hook graphql raised SystemExit: 3",
    ),
    "error without words": (
        speechless,
        "import failed: Speechless: Speechless, which cannot say what went wrong",
    ),
    "hook without words": (
        lambda: plugin_module("bad", {"graphql": speechless}),
        "hook graphql raised Speechless: Speechless, which cannot say what went wrong",
    ),
    "module that fails when looked at": (
        lambda: Lazy("bad"),
        "import failed: LookupError: no plugin before noon",
    ),
    "no name for a plugin": (lambda: plugin_module("Bad Name#1"), "a plugin's name is of lower-case letters"),
    "the SDK's name": (lambda: plugin_module("colonnade"), "'colonnade' is the SDK's own name"),
    "requirements as one text": (
        lambda: plugin_module("bad", requires="creators"),
        "requires is a tuple of names, as in (\"creators\",), not 'creators'",
    ),
    "no SDK range": (lambda: plugin_module("bad", sdk=None), "sdk and version are texts"),
    "settings that are none": (
        lambda: plugin_module("bad", settings=Undecorated),
        "settings is a dataclass itself",
    ),
    "another hook's element": (
        lambda: plugin_module("bad", giving(entities=["Kettle"])),
        "hook entities returned a sequence with a str in it; each element is a Entity",
    ),
    "an instance for a type": (
        lambda: plugin_module("bad", giving(graphql=[Kettle(litres=1)])),
        "hook graphql returned a sequence with a Kettle in it; each element is a type",
    ),
    "an undecorated class": (
        lambda: plugin_module("bad", giving(graphql=[Undecorated])),
        "hook graphql returned Undecorated, which is not a GraphQL type; decorate it",
    ),
    "requirement of itself": (lambda: plugin_module("bad", requires=("bad",)), "form a circle among bad"),
    "generator": (lambda: plugin_module("bad", {"graphql": yielding}), "returned generator, not a sequence"),
    "not a sequence": (lambda: plugin_module("bad", {"graphql": lambda: 7}), "returned int, not a sequence"),
    "missing requirement": (
        lambda: plugin_module("bad", requires=("absent",)),
        "requires absent, which is not active",
    ),
}


@pytest.mark.parametrize(("load", "reason"), FAILING.values(), ids=FAILING.keys())
def test_failing_plugin_is_skipped_with_its_reason_and_the_others_serve(
    load: Callable[[], Any], reason: str
) -> None:
    registry = registry_of(good(), on_failure="skip")
    registry.add("bad", load, "colonnade-bad 0.1")
    schema = compose(registry, Query).schema

    status = status_of(registry, "bad")
    assert status.state is PluginState.SKIPPED
    assert reason in (status.reason or "")
    assert schema.execute_sync("{ greeting }").data == {"greeting": "hello"}


@pytest.mark.parametrize(("load", "reason"), FAILING.values(), ids=FAILING.keys())
def test_failing_plugin_aborts_by_default_and_is_named(load: Callable[[], Any], reason: str) -> None:
    registry = registry_of(good())
    registry.add("bad", load, "colonnade-bad 0.1")
    with pytest.raises(PluginError, match=r"bad \(colonnade-bad 0.1\)") as caught:
        compose(registry, Query)
    assert reason in str(caught.value)


def test_second_plugin_of_a_name_is_refused_and_both_sources_are_named() -> None:
    registry = Registry("skip")
    registry.add("good", good, "wheel-one 1.0")
    registry.add("good", good, "wheel-two 2.0")
    compose(registry, Query)
    first, second = registry.statuses
    assert (first.state, second.state) == (PluginState.ACTIVE, PluginState.SKIPPED)
    assert (second.source, "wheel-one 1.0" in (second.reason or "")) == ("wheel-two 2.0", True)


def test_every_failure_is_reported_at_once() -> None:
    registry = Registry()
    registry.add("one", explode, "a")
    registry.add("two", lambda: plugin_module("two", sdk="<1"), "b")
    registry.add("three", lambda: plugin_module("three", requires=("one",)), "c")
    with pytest.raises(PluginError) as caught:
        registry.collect()
    assert [name for name in ("one (a)", "two (b)", "three (c)") if name in str(caught.value)] == [
        "one (a)",
        "two (b)",
        "three (c)",
    ]


def test_failed_requirement_cascades() -> None:
    registry = registry_of(
        plugin_module("base", {"graphql": raising}),
        plugin_module("middle", requires=("base",)),
        plugin_module("top", requires=("middle",)),
        good(),
        on_failure="skip",
    )
    assert [c.plugin.name for c in registry.collect()] == ["good"]
    assert status_of(registry, "top").reason == "requires middle, which is not active"


def test_plugin_that_fails_in_one_hook_contributes_nothing() -> None:
    half = plugin_module("half", {**giving(graphql=[Greeting]), "entities": raising})
    registry = registry_of(half, on_failure="skip")
    assert "greeting" not in compose(registry, Query).schema.as_str()


def test_circular_requirements_are_refused_and_named() -> None:
    registry = registry_of(
        plugin_module("hen", requires=("egg",)),
        plugin_module("egg", requires=("hen",)),
        good(),
        on_failure="skip",
    )
    assert [c.plugin.name for c in registry.collect()] == ["good"]
    assert "circle among egg, hen" in (status_of(registry, "hen").reason or "")


def test_requirements_come_before_those_that_require_them() -> None:
    registry = registry_of(plugin_module("b", requires=("a",)), plugin_module("a"))
    assert [c.plugin.name for c in registry.collect()] == ["a", "b"]


def test_using_an_absent_plugin_is_no_failure() -> None:
    registry = registry_of(plugin_module("lone", uses=("absent",)))
    assert [c.plugin.name for c in registry.collect()] == ["lone"]


def test_plugins_that_contradict_one_another_are_refused_even_where_failing_ones_are_skipped() -> None:
    other = plugin_module("other", giving(graphql=[Greeting]))
    with pytest.raises(ConflictError, match=r"field Query\.greeting is defined by both 'good' and 'other'"):
        compose(registry_of(good(), other, on_failure="skip"), Query)
