"""One schema, executed by Colonnade's executor or by Strawberry's own, for documents that are parsed before.

`"executor"` of a request chooses between them; caches, limits and whatever else is around execution are the same: none.
Written without `from __future__ import annotations`, as the sample is.
"""

import asyncio
import gc
import inspect
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping
from typing import Any, ClassVar, NewType

import strawberry
from graphql import DocumentNode, execute, parse, validate
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from benchmarks.peers import sample
from benchmarks.peers.serving import Doing, serve
from colonnade.execution import CompiledExecutor

EXECUTORS: Mapping[str, Any] = {
    "Colonnade": CompiledExecutor,
    "Strawberry": StrawberryGraphQLCoreExecutionContext,
}
Broken = NewType("Broken", str)


def _refused(_: object) -> str:
    raise ValueError("it has no text")


@strawberry.type
class Told:
    """A type that looks at each object to tell whether it is one."""

    id: strawberry.ID
    name: str

    @classmethod
    def is_type_of(cls, value: object, _: object) -> bool:
        return isinstance(value, Told | sample.Row)


@strawberry.type
class Later:
    number: strawberry.Private[int]

    @strawberry.field
    def id(self) -> strawberry.ID:
        return strawberry.ID(str(self.number))

    @strawberry.field
    def name(self) -> str:
        return self._name()  # type: ignore[return-value] # a sync resolver that returns an awaitable

    async def _name(self) -> str:
        return f"Row number {self.number}"


@strawberry.type
class Unwritable:
    id: strawberry.ID
    text: Broken | None


@strawberry.type
class Query:
    rows = strawberry.field(sample.rows)
    listings = strawberry.field(sample.listings)
    user = strawberry.field(sample.user)

    @strawberry.field
    def told(self, first: int) -> list[Told]:
        return sample.ROWS[:first]  # type: ignore[return-value] # what `is_type_of` is for

    @strawberry.field
    def later(self, first: int) -> list[Later]:
        return [Later(number=number) for number in range(first)]

    @strawberry.field
    def made(self, first: int) -> list[sample.Row]:
        return _each(first)  # type: ignore[return-value] # a generator where a list is expected

    @strawberry.field
    async def streamed(self, first: int) -> list[sample.Row]:
        return _streamed(first)  # type: ignore[return-value] # and an asynchronous one

    @strawberry.field
    def unwritable(self, first: int) -> list[Unwritable]:
        return UNWRITABLE[:first]


@strawberry.type
class Mutation:
    @strawberry.mutation
    def renamed(self, name: str) -> Told:
        return Told(id=strawberry.ID("row_0"), name=name)


UNWRITABLE = [Unwritable(id=strawberry.ID(str(n)), text=Broken("")) for n in range(100)]


def _each(first: int) -> Iterator[sample.Row]:
    yield from sample.ROWS[:first]


async def _streamed(first: int) -> AsyncGenerator[sample.Row]:
    for row in sample.ROWS[:first]:
        yield row


class Schema(strawberry.Schema):
    """A schema whose errors are told to nobody."""

    def process_errors(self, errors: Any, execution_context: Any = None) -> None:
        """Nothing."""


class Documents:
    """Parsed documents: each is one object for all its executions, unless it is to be new."""

    known: ClassVar[dict[str, DocumentNode]] = {}

    @classmethod
    def of(cls, schema: Any, text: str) -> DocumentNode:
        if text not in cls.known:
            cls.known[text] = parse(text)
            assert not validate(schema, cls.known[text]), text
        return cls.known[text]


def main() -> None:
    """Serves until standard input ends."""
    broken = strawberry.scalar(name="Broken", description="What cannot be written.", serialize=_refused)
    config = StrawberryConfig(scalar_map={Broken: broken})
    schema: Any = Schema(Query, Mutation, config=config)._schema
    loop = asyncio.new_event_loop()
    gc.freeze()
    serve({"execute": _executing(schema, loop)})


def _executing(schema: Any, loop: asyncio.AbstractEventLoop) -> Doing:
    def executing(asked: Mapping[str, Any]) -> Callable[[], str]:
        executor, text, chosen = EXECUTORS[asked["executor"]], asked["document"], asked["variables"]
        known = Documents.of(schema, text)
        documents = [parse(text) for _ in range(asked["times"])] if asked["new"] else [known]
        turns = asked["times"] * [None]

        def once() -> str:
            turns.pop()
            turn = len(turns)
            result: Any = execute(
                schema,
                documents[turn % len(documents)],
                variable_values=chosen[37 * turn % len(chosen)],
                executor_class=executor,
            )
            if inspect.isawaitable(result):
                result = loop.run_until_complete(_awaited(result))
            return json.dumps({"data": result.data, "errors": [e.formatted for e in result.errors or ()]})

        return once

    return executing


async def _awaited(result: Awaitable[Any]) -> Any:
    return await result


if __name__ == "__main__":
    main()
