"""A contributed field that fails or dawdles leaves its neighbours their data."""

from __future__ import annotations

import asyncio
from typing import Annotated

import pytest
import strawberry
from graphql import GraphQLError

from colonnade import Info, Permission, Refused, UserError, extend, requires, user_error
from colonnade.boundary import AbandonedWork
from colonnade.errors import ChainTimeout, Unauthenticated
from tests.composition.building import Query, compose_modules, giving, plugin_module


@user_error("SHELF_EMPTY")
class ShelfEmpty(UserError):
    """Nothing is on the shelf."""


@user_error("SHELF_LOCKED")
class ShelfLocked(UserError):
    """Nobody may take anything from the shelf."""


class Speechless(Exception):
    def __str__(self) -> str:
        raise ZeroDivisionError("not even this")


async def fail(error: BaseException, after: float = 0) -> int:
    await asyncio.sleep(after)
    raise error


@strawberry.type
class Book:
    title: str

    @strawberry.field
    async def review(self) -> str | None:
        raise RuntimeError("the reviewer's password is hunter2")


BookResult = Annotated[Book | ShelfEmpty, strawberry.union("BookResult")]


@strawberry.type
class Card:
    number: int | None = strawberry.field(default=7, extensions=[requires()])


@strawberry.type
class Crate:
    @strawberry.field
    async def books(self) -> list[BookResult]:
        raise Refused(ShelfEmpty(message="come back later"))


@extend("Query")
class Shelf:
    @strawberry.field
    async def locked_book(self) -> BookResult | None:
        raise Refused(ShelfLocked(message="the key is lost", retryable=True, retry_after_ms=7))

    @strawberry.field
    async def locked_count(self) -> int | None:
        raise Refused(ShelfLocked(message="the key is lost"))

    @strawberry.field
    async def searched_book(self) -> BookResult | None:
        async with asyncio.TaskGroup() as group:
            group.create_task(asyncio.sleep(60))
            group.create_task(fail(Refused(ShelfEmpty(message="come back later"))))
        return None

    @strawberry.field
    def crate(self) -> Crate | None:
        return Crate()

    @strawberry.field
    async def speechless(self) -> int | None:
        raise Speechless

    @strawberry.field
    def passed_on_slow(self) -> int | None:
        return asyncio.sleep(60, 1)  # type: ignore[return-value]

    @strawberry.field
    def passed_on_crash(self) -> int | None:
        return fail(LookupError("nothing"))  # type: ignore[return-value]

    @strawberry.field
    async def cancelled(self) -> int | None:
        raise asyncio.CancelledError

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
        plugin_module("library", giving(graphql=[Book, ShelfEmpty, ShelfLocked, Shelf])), budget=0.05
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


async def test_refusal_out_of_a_task_group_becomes_the_result(schema: strawberry.Schema) -> None:
    result = await schema.execute("{ searchedBook { ... on UserError { code } } }")
    assert (result.errors, result.data) == (None, {"searchedBook": {"code": "SHELF_EMPTY"}})


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("{ ok lockedBook { __typename } }", "SHELF_LOCKED"),
        ("{ ok lockedCount }", "SHELF_LOCKED"),
        ("{ ok crate { books { __typename } } }", "SHELF_EMPTY"),
    ],
)
async def test_refusal_that_the_field_cannot_return_is_an_error_with_its_own_code(
    schema: strawberry.Schema, document: str, code: str
) -> None:
    result = await schema.execute(document)
    assert result.data is not None
    assert result.data["ok"] is True
    (error,) = tuple(result.errors or ())
    refused = cause_of(error)
    assert isinstance(refused, Refused)
    assert (refused.code, refused.public, error.message) == (code, True, refused.error.message)
    assert (refused.retryable, refused.retry_after_ms) == (
        refused.error.retryable,
        refused.error.retry_after_ms,
    )


async def test_error_that_cannot_say_what_went_wrong_is_attributed_too(schema: strawberry.Schema) -> None:
    result = await schema.execute("{ ok speechless }")
    assert result.data == {"ok": True, "speechless": None}
    (error,) = tuple(result.errors or ())
    assert (error.message, error.extensions) == (
        "Speechless, which cannot say what went wrong",
        {"plugin": "library"},
    )


async def test_sync_resolver_that_returns_an_awaitable_is_inside_the_boundary(
    schema: strawberry.Schema,
) -> None:
    result = await schema.execute("{ ok passedOnSlow passedOnCrash }")
    assert result.data == {"ok": True, "passedOnSlow": None, "passedOnCrash": None}
    assert {(error.message, (error.extensions or {})["plugin"]) for error in result.errors or ()} == {
        ("passedOnSlow took longer than 0.05 s", "library"),
        ("nothing", "library"),
    }


async def test_cancellation_inside_a_plugin_does_not_end_the_operation(schema: strawberry.Schema) -> None:
    result = await schema.execute("{ ok cancelled }")
    assert result.data == {"ok": True, "cancelled": None}
    (error,) = tuple(result.errors or ())
    assert (isinstance(cause_of(error), AbandonedWork), error.extensions) == (True, {"plugin": "library"})


async def test_permission_of_a_plain_attribute_is_checked_inside_the_boundary() -> None:
    @extend("Query")
    class Cards:
        @strawberry.field
        def card(self) -> Card | None:
            return Card()

    class Caller:
        principal = None

    composition = compose_modules(plugin_module("lending", giving(graphql=[Cards])))
    result = await composition.schema.execute("{ card { number } }", context_value=Caller())
    assert [(type(cause_of(e)), (e.extensions or {})["plugin"]) for e in result.errors or ()] == [
        (Unauthenticated, "lending")
    ]


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
