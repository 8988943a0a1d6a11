"""What is read without graphql-core's machinery is what graphql-core would have answered, errors and all."""

from __future__ import annotations

import asyncio
import gc
import inspect
import sys
from collections.abc import Sequence
from random import Random
from types import ModuleType
from typing import Any

import pytest
import strawberry
from graphql import GraphQLError, build_schema, execute, parse, validate
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from colonnade.execution import CompiledExecutor, PreparedOperation
from colonnade.execution.plans import Plans
from tests.server.selections_of_shelves import selection
from tests.server.strange_shelves import SCHEMA, Objects
from tests.soak.plan import FULL

CASES = 20_000 if FULL else 300
FAULTS = (0.0, 0.01, 0.05, 0.2)


async def _answer(executor: Any, document: Any, seed: int) -> tuple[object, Sequence[object]]:
    """What a document gives of objects of this seed."""
    result: Any = execute(
        SCHEMA._schema,
        document,
        Objects(Random(seed), Random(seed).choice(FAULTS)).query(),
        variable_values={"yes": bool(seed % 2), "no": bool(seed % 3)},
        executor_class=executor,
    )
    if inspect.isawaitable(result):
        result = await result
    errors = [(error.formatted, repr(error.original_error)) for error in result.errors or ()]
    return _typed(result.data), errors


def _typed(value: object) -> object:
    """A value with the types of its parts, in their order, and equal to itself where it is not a number."""
    if isinstance(value, dict):
        return [(key, _typed(one)) for key, one in value.items()]
    if isinstance(value, list):
        return [_typed(one) for one in value]
    return type(value).__name__, repr(value)


@pytest.mark.soak
async def test_whatever_is_selected_of_whatever_objects_is_what_graphql_core_answers() -> None:
    failed = 0
    for seed in range(CASES):
        document = parse(selection(Random(seed)))
        for again in range(3):  # what is compiled is so from the second time on
            objects = seed + again * CASES
            ours = await _answer(CompiledExecutor, document, objects)
            theirs = await _answer(StrawberryGraphQLCoreExecutionContext, document, objects)
            assert ours == theirs, f"seed {seed}: {selection(Random(seed))}"
        failed += bool(theirs[1])
    assert CASES / 10 < failed < CASES * 9 / 10


def test_the_selections_that_are_tried_are_valid() -> None:
    for seed in range(50):
        assert validate(SCHEMA._schema, parse(selection(Random(seed)))) == []


async def test_plain_fields_are_read_without_their_resolvers() -> None:
    read: list[str] = []

    class Watching(CompiledExecutor):
        def execute_field(self, parent_type: Any, source: Any, details: Any, *rest: Any) -> Any:
            if parent_type.name == "Book":
                read.append(details[0].node.name.value)
            return super().execute_field(parent_type, source, details, *rest)

    document = parse("{ shelf { first { id title pages weight lent colour printed even __typename } } }")
    for _ in range(2):
        result: Any = execute(
            SCHEMA._schema, document, Objects(Random(1), 0.0).query(), executor_class=Watching
        )
        assert result.errors is None
    assert read == ["id", "title", "pages", "weight", "lent", "colour", "printed", "even", "__typename"]


async def test_items_that_are_awaited_after_one_that_failed_come_to_their_end() -> None:
    ended: list[int] = []

    async def later(number: int) -> int:
        ended.append(number)
        return number

    @strawberry.type
    class Query:
        @strawberry.field
        def numbers(self) -> list[int] | None:
            return [later(1), "none", later(2)]  # type: ignore[list-item]

    schema = strawberry.Schema(Query, execution_context_class=CompiledExecutor)._schema
    document = parse("{ numbers }")
    for _ in range(2):
        ended.clear()
        result: Any = execute(schema, document, executor_class=CompiledExecutor)
        assert result.data == {"numbers": None}
        await asyncio.sleep(0)
        assert sorted(ended) == [1, 2]


def test_what_is_executed_again_keeps_nothing_of_a_request() -> None:
    @strawberry.type
    class Query:
        @strawberry.field
        def echo(self, text: str) -> str:
            return text

    schema = strawberry.Schema(Query)._schema
    document = parse("query($text: String!) { echo(text: $text) }")
    operation: Any = document.definitions[0]
    prepared = PreparedOperation(schema, document, operation, CompiledExecutor)
    context = ModuleType("context")
    told = "".join(["what nobody ", "else may know"])
    assert prepared.execute({"text": told}, context).data == {"echo": told}
    assert prepared.execute({"text": "more"}, context).data == {"echo": "more"}
    pattern: Any = prepared._pattern
    assert pattern.context_value is None
    assert pattern.root_value is None
    assert pattern.variable_values.coerced == {}
    gc.collect()
    assert [held for held in gc.get_referrers(context) if isinstance(held, CompiledExecutor)] == []
    assert sys.getrefcount(told) == 2


def test_plans_go_with_their_document() -> None:
    @strawberry.type
    class Query:
        @strawberry.field
        def one(self) -> int:
            return 1

    schema = strawberry.Schema(Query)._schema
    document = parse("{ one }")
    for _ in range(2):
        execute(schema, document, executor_class=CompiledExecutor)
    assert len(Plans.of(schema)) == 1
    del document
    gc.collect()
    assert len(Plans.of(schema)) == 0


def test_a_schema_that_delivers_in_parts_is_refused_as_graphql_core_refuses_it() -> None:
    schema = build_schema("directive @defer on INLINE_FRAGMENT type Query { one: Int }")
    document = parse("{ one }")
    operation: Any = document.definitions[0]
    with pytest.raises(GraphQLError, match="defer"):
        PreparedOperation(schema, document, operation, CompiledExecutor).execute({}, None)
