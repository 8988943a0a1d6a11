"""A contributed field that fails or dawdles leaves its neighbours their data."""

from __future__ import annotations

import asyncio
from typing import Annotated

import pytest
import strawberry
from graphql import GraphQLError

from colonnade import Info, Permission, Refused, UserError, extend, requires, user_error
from colonnade.errors import ChainTimeout, Unauthenticated
from tests.composition.building import Query, compose_modules, giving, plugin_module


@user_error("SHELF_EMPTY")
class ShelfEmpty(UserError):
    """Nothing is on the shelf."""


@strawberry.type
class Book:
    title: str

    @strawberry.field
    async def review(self) -> str | None:
        raise RuntimeError("the reviewer's password is hunter2")


BookResult = Annotated[Book | ShelfEmpty, strawberry.union("BookResult")]


@extend("Query")
class Shelf:
    @strawberry.field
    async def book(self, empty: bool = False) -> BookResult | None:
        if empty:
            raise Refused(ShelfEmpty(message="come back later", retryable=True))
        return Book(title="Emma")

    @strawberry.field
    async def slow(self) -> int | None:
        await asyncio.sleep(60)
        return 1

    @strawberry.field
    def crash(self) -> int | None:
        raise ZeroDivisionError("division by zero")

    @strawberry.field
    async def chain(self) -> int | None:
        raise ChainTimeout("no endpoint answered in time")

    @strawberry.field
    async def own_timeout(self) -> int | None:
        raise TimeoutError("its own socket")


def cause_of(error: GraphQLError) -> BaseException | None:
    """What a resolver raised, below the errors that locate and attribute it."""
    cause: BaseException | None = error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return cause


@pytest.fixture
def schema() -> strawberry.Schema:
    return compose_modules(
        plugin_module("library", giving(graphql=[Book, ShelfEmpty, Shelf])), budget=0.05
    ).schema


async def test_neighbours_keep_their_data_and_errors_name_the_plugin(schema: strawberry.Schema) -> None:
    result = await schema.execute("{ ok crash slow chain ownTimeout book { ... on Book { title review } } }")
    assert result.data == {
        "ok": True,
        "crash": None,
        "slow": None,
        "chain": None,
        "ownTimeout": None,
        "book": {"title": "Emma", "review": None},
    }
    errors = {tuple(error.path or ()): error for error in result.errors or ()}
    assert {error.extensions["plugin"] for error in errors.values() if error.extensions} == {"library"}
    assert set(errors) == {("crash",), ("slow",), ("chain",), ("ownTimeout",), ("book", "review")}
    assert errors["slow",].message == "slow took longer than 0.05 s"
    assert isinstance(cause_of(errors["ownTimeout",]), TimeoutError)
    assert isinstance(cause_of(errors["chain",]), ChainTimeout)


async def test_refusal_raised_anywhere_becomes_the_result(schema: strawberry.Schema) -> None:
    result = await schema.execute("{ book(empty: true) { ... on UserError { code message retryable } } }")
    assert (result.errors, result.data) == (
        None,
        {"book": {"code": "SHELF_EMPTY", "message": "come back later", "retryable": True}},
    )


async def test_caller_that_goes_away_is_not_mistaken_for_a_spent_budget(schema: strawberry.Schema) -> None:
    running = asyncio.create_task(schema.execute("{ slow }"))
    await asyncio.sleep(0.01)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_permission_is_checked_inside_the_boundary() -> None:
    lend = Permission("LEND", "Lend books.")

    @extend("Query")
    class Lending:
        @strawberry.field(description="Loans.", extensions=[requires(lend)])
        async def loans(self, info: Info) -> int | None:
            return 7

    class Caller:
        principal = None

    composition = compose_modules(plugin_module("lending", giving(graphql=[Lending], permissions=[lend])))
    result = await composition.schema.execute("{ loans ok }", context_value=Caller())
    assert result.data == {"loans": None, "ok": True}
    assert [(type(cause_of(e)), (e.extensions or {})["plugin"]) for e in result.errors or ()] == [
        (Unauthenticated, "lending")
    ]
    assert "Loans. Requires `LEND`." in composition.schema.as_str()


async def test_composing_again_shares_nothing() -> None:
    with_shelf = compose_modules(plugin_module("library", giving(graphql=[Book, ShelfEmpty, Shelf])))
    again = compose_modules(plugin_module("library", giving(graphql=[Book, ShelfEmpty, Shelf])))
    bare = strawberry.Schema(Query)
    assert with_shelf.schema.as_str() == again.schema.as_str()
    assert "crash" not in bare.as_str()
    result = await again.schema.execute("{ crash }")
    assert [(e.extensions or {})["plugin"] for e in result.errors or ()] == ["library"]
