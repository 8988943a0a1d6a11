"""For every field of the schema: one principal asks for another's rows, and is given none."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from graphql import GraphQLObjectType, GraphQLSchema

from colonnade.permissions import Principal
from colonnade.testing import FrozenClock, Harness
from colonnade.testing.memory_store import MemoryStore
from colonnade.testing.recording_store import RecordingStore
from schema.compose import application as shipped
from tests.plugins.identity.signing import ALICE, BOB
from tests.privacy.lived_in import LivedIn, application, live_in
from tests.privacy.test_erasing import migrated
from tests.schema.tenancy.cases import (
    ARGUMENTS,
    MUTATIONS,
    NODES,
    QUERIES,
    SUBSCRIPTIONS,
    Case,
    Own,
    Public,
    Theirs,
)
from tests.schema.tenancy.selections import NoCase, Selections, reachable

ROOTS: Final[Mapping[str, Mapping[str, Case]]] = {
    "Query": QUERIES,
    "Mutation": MUTATIONS,
    "Subscription": SUBSCRIPTIONS,
}
OPERATORS: Final = frozenset({"ADMIN", "OPERATE"})


@dataclass(frozen=True, slots=True)
class World:
    """Ada, whose rows are asked for, and Eve, who asks. `named`: Ada's ids."""

    store: MemoryStore
    ada: LivedIn
    eve: LivedIn
    named: Mapping[str, str]

    @property
    def recording(self) -> RecordingStore:
        """What notes the events that a test records."""
        assert isinstance(self.ada.api.store, RecordingStore)
        return self.ada.api.store

    def as_(self, who: LivedIn) -> Harness:
        """The API as somebody meets it who holds every permission that no operator needs."""
        declared = frozenset(p.name for _, p in who.api.composition.permissions) - OPERATORS
        return who.api.acting_as(replace(who.principal, permissions=declared))

    def of_ada(self) -> Mapping[object, object]:
        """Ada's rows, as they are."""
        words = self.ada.words | set(self.named.values())
        return {
            key: item
            for key, item in self.store._items.items()
            if any(word in str(item) for word in words) and "#Idempotency#" not in key.partition
        }

    def tells_of_ada(self, answer: object) -> list[str]:
        """The words of Ada's in an answer, but for what the question itself held."""
        text = json.dumps(answer, default=str)
        return sorted(word for word in (self.ada.words | set(self.named.values())) if word in text)


@pytest.fixture(scope="module")
def settled_world() -> World:
    """Made once: all that lived-in accounts take to make is a second."""
    return asyncio.run(made_world())


@pytest.fixture
def world(settled_world: World) -> Iterator[World]:
    """The world, with whatever a test does to its rows undone afterwards."""
    rows = dict(settled_world.store._items)
    yield settled_world
    settled_world.store._items.clear()
    settled_world.store._items.update(rows)
    settled_world.recording.recorded()


async def made_world() -> World:
    clock = FrozenClock(datetime(2040, 1, 1, tzinfo=UTC))
    store = MemoryStore(clock)
    app = application(store, clock)
    ada, eve = await live_in(app, ALICE), await live_in(app, BOB)
    await migrated(ada)
    await app.run_job("privacy.export", {"operation": ada.operation})
    clock.advance(timedelta(seconds=1))
    named = {
        "action": ada.actions[0],
        "operation": ada.operation,
        "endpoint": ada.endpoint,
        "delivery": ada.delivery,
        "session": ada.tokens["sessionId"],
        "key": ada.key,
        "entry": f"wle_{ada.user.removeprefix('usr_')}",
    }
    return World(store, ada, eve, named)


def schema() -> GraphQLSchema:
    found: GraphQLSchema = shipped().schema._schema
    return found


def root(name: str) -> GraphQLObjectType:
    found = schema().type_map[name]
    assert isinstance(found, GraphQLObjectType)
    return found


def asked(name: str, field: str, arguments: str, named: Mapping[str, str]) -> str:
    """The operation that asks a root field for everything it can give."""
    given = {place: text.format(**named) for place, text in ARGUMENTS.items()}
    selection = Selections(schema(), given).of(root(name).fields[field])
    return f"{name.lower()} {{ {field}{arguments} {selection} }}"


@pytest.mark.parametrize("name", ROOTS)
def test_every_root_field_has_a_case_and_every_case_a_field(name: str) -> None:
    fields, cases = set(root(name).fields), set(ROOTS[name])

    assert not fields - cases, f"{name}: say in tests/schema/tenancy/cases.py who may see {fields - cases}"
    assert not cases - fields


def test_every_kind_of_node_has_a_case() -> None:
    prefixes = set(shipped().schema.node_loaders)

    assert prefixes == set(NODES), "say in tests/schema/tenancy/cases.py who may see these nodes"


def test_every_field_of_every_type_is_asked_for() -> None:
    """Or it can be reached from what is public alone."""
    selections = Selections(schema(), ARGUMENTS)
    wanted: set[tuple[str, str]] = set()
    for name, cases in ROOTS.items():
        for field, case in cases.items():
            if not isinstance(case, Public):
                wanted |= reachable(schema(), root(name).fields[field])
                selections.of(root(name).fields[field])

    assert not wanted - selections.covered


def test_a_field_that_needs_what_no_case_gives_is_named() -> None:
    with pytest.raises(NoCase, match=r"Viewer\.accountExport needs operationId"):
        Selections(schema(), {}).of(root("Query").fields["viewer"])


@pytest.mark.parametrize("field", [f for f, case in QUERIES.items() if not isinstance(case, Public)])
async def test_a_query_gives_nothing_of_anothers(world: World, field: str) -> None:
    case = QUERIES[field]
    assert isinstance(case, Theirs | Own)
    operation = asked("Query", field, case.arguments.format(**world.named), world.named)

    answer = await world.as_(world.eve).execute(operation)

    assert world.tells_of_ada(answer.data) == []
    control = await world.as_(world.ada).execute(operation)
    assert world.tells_of_ada(control.data), "the owner is given nothing either, so this shows nothing"


@pytest.mark.parametrize("prefix", [p for p, case in NODES.items() if isinstance(case, Theirs)])
async def test_a_node_of_anothers_is_none(world: World, prefix: str) -> None:
    case = NODES[prefix]
    assert isinstance(case, Theirs)
    operation = asked("Query", "node", f'(id: "{case.arguments.format(**world.named)}")', world.named)

    answer = await world.as_(world.eve).execute(operation)

    assert (answer.data or {}).get("node") is None
    assert ((await world.as_(world.ada).execute(operation)).data or {})["node"] is not None


@pytest.mark.parametrize("field", [f for f, case in MUTATIONS.items() if not isinstance(case, Public)])
async def test_a_mutation_changes_and_gives_nothing_of_anothers(world: World, field: str) -> None:
    case = MUTATIONS[field]
    assert isinstance(case, Theirs | Own)
    arguments = case.arguments.format(**world.named) if isinstance(case, Theirs) else case.arguments
    operation = asked("Mutation", field, arguments, world.named)
    before = dict(world.of_ada())

    answer = await world.as_(world.eve).execute(operation)

    assert dict(world.of_ada()) == before
    assert not set(world.tells_of_ada(answer.data)) - set(world.named.values())
    if isinstance(case, Theirs):
        result = (answer.data or {}).get(field)
        assert result is None or any(name.endswith("_code") for name in result), result


@pytest.mark.parametrize("field", [f for f, case in SUBSCRIPTIONS.items() if isinstance(case, Theirs)])
async def test_a_subscription_tells_nothing_of_anothers(world: World, field: str) -> None:
    case = SUBSCRIPTIONS[field]
    assert isinstance(case, Theirs)
    operation = asked("Subscription", field, case.arguments.format(**world.named), world.named)

    feed = await world.as_(world.eve).subscribe(operation)
    context = world.ada.api.context()
    await context.operations.cancel(world.ada.operation)
    await world.as_(world.ada).execute(
        f'mutation {{ cancelAction(input: {{actionId: "{world.named["action"]}"}}) {{ __typename }} }}'
    )
    await world.ada.api.settle()

    assert not [payload for payload in feed.payloads if payload and payload.get("node")]
    assert world.tells_of_ada(feed.payloads) == []


def connections() -> list[tuple[str, str]]:
    """Every list that the viewer, or a root that gives the caller's own, can page through."""
    viewer = schema().type_map["Viewer"]
    assert isinstance(viewer, GraphQLObjectType)
    below = [("viewer", name) for name, field in viewer.fields.items() if "after" in field.args]
    own = [
        ("", f)
        for f, case in QUERIES.items()
        if isinstance(case, Own) and "after" in root("Query").fields[f].args
    ]
    return [*below, *own]


@pytest.mark.parametrize(("above", "field"), connections())
async def test_a_cursor_of_anothers_opens_no_list(world: World, above: str, field: str) -> None:
    def page(more: str) -> str:
        inner = f"{field}({more}) {{ pageInfo {{ endCursor }} edges {{ cursor node {{ __typename }} }} }}"
        return f"{{ {above} {{ {inner} }} }}" if above else f"{{ {inner} }}"

    named = f'operationId: "{world.named["operation"]}", ' if field == "accountExport" else ""
    answer = await world.as_(world.ada).execute(page(f"{named}first: 1"))
    found = (answer.data[above] if above else answer.data)[field]
    cursor = found["pageInfo"]["endCursor"]
    assert cursor is not None, "the owner's list is empty, so this shows nothing"

    stolen = await world.as_(world.eve).execute(page(f'{named}first: 100, after: "{cursor}"'))

    given = stolen.data and (stolen.data[above] if above else stolen.data)
    assert not given or given[field] is None


async def test_who_has_not_signed_in_is_given_nothing(world: World) -> None:
    nobody = world.eve.api.acting_as(None)
    for field, case in QUERIES.items():
        if isinstance(case, Public):
            continue
        answer = await nobody.execute(
            asked("Query", field, case.arguments.format(**world.named), world.named)
        )
        assert world.tells_of_ada(answer.data) == [], field


def test_a_principal_without_permissions_is_no_operator() -> None:
    assert not OPERATORS & Principal("eve").permissions
