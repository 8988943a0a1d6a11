"""A batched field is loaded once for all objects of a level, and fails as any other field does."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any

import pytest
import strawberry

from colonnade import Info, Permission, Refused, UserError, batched, extend, requires, user_error
from colonnade.cost import cost
from colonnade.permissions import Principal
from colonnade.server.cost import operation_cost
from colonnade.testing import Harness
from tests.composition.building import giving, plugin_module

ASKED: list[tuple[str, list[int], dict[str, Any]]] = []
"""Each call of a batched function: its name, of which coins, and its arguments."""

COUNT = Permission("COUNT", description="May count.")


@user_error("COIN_LOST", advice="Ask for another.")
class CoinLost(UserError):
    """The coin is not to be found."""


@strawberry.type
class Maker:
    name: str
    number: int

    @batched(description="The maker's own coins.")
    @staticmethod
    async def coins(makers: Sequence["Maker"]) -> Sequence[list["Coin"]]:
        ASKED.append(("coins", [maker.number for maker in makers], {}))
        return [[Coin(number=maker.number + 1), Coin(number=maker.number + 2)] for maker in makers]


@strawberry.type
class Coin:
    number: int

    @batched(description="Who made it.")
    @staticmethod
    async def maker(coins: Sequence["Coin"], info: Info) -> Sequence[Maker | None]:
        ASKED.append(("maker", [coin.number for coin in coins], {}))
        await asyncio.sleep(0)
        assert info.context.request_id
        return [
            None if coin.number == 13 else Maker(name=f"maker {coin.number}", number=coin.number)
            for coin in coins
        ]

    @batched(description="What it weighs; odd ones cannot be weighed.")
    @staticmethod
    async def weight(coins: Sequence["Coin"], unit: str = "gram") -> Sequence[int | ValueError]:
        ASKED.append(("weight", [coin.number for coin in coins], {"unit": unit}))
        return [ValueError("odd") if coin.number % 2 else coin.number * len(unit) for coin in coins]


@strawberry.type
class Edge:
    node: Coin


CoinResult = Annotated[Coin | CoinLost, strawberry.union("CoinResult")]


@extend("Coin")
class CoinExtras:
    @batched(description="How often it was counted.", extensions=[requires(COUNT), cost(7)])
    @staticmethod
    async def counted(coins: Sequence[Coin], info: Info) -> Sequence[int | None]:
        ASKED.append(("counted", [coin.number for coin in coins], {}))
        return [coin.number for coin in coins]

    @batched(description="Its twin.")
    @staticmethod
    async def twin(coins: Sequence[Coin]) -> Sequence[CoinResult | Refused | None]:
        return [Refused(CoinLost(message="lost")) if c.number == 1 else Coin(number=-c.number) for c in coins]

    @batched(description="It never comes.")
    @staticmethod
    async def never(coins: Sequence[Coin]) -> Sequence[int | None]:
        await asyncio.sleep(60)
        return []

    @batched(description="It gives too few.")
    @staticmethod
    async def too_few(coins: Sequence[Coin]) -> Sequence[int | None]:
        return [1]

    @batched(description="It fails for all.")
    @staticmethod
    async def failing(coins: Sequence[Coin]) -> Sequence[int | None]:
        raise RuntimeError("the scales are broken")

    @batched(description="It was cancelled inside.")
    @staticmethod
    async def cancelled(coins: Sequence[Coin]) -> Sequence[int | None]:
        raise asyncio.CancelledError


@extend("Query")
class CoinQueries:
    @strawberry.field(description="Coins from a number on.")
    async def coins(self, first: int, start: int = 0) -> list[Coin] | None:
        return [Coin(number=start + n) for n in range(first)]

    @strawberry.field(description="A coin.")
    def coin(self, number: int) -> Coin | None:
        return Coin(number=number)

    @strawberry.field(description="Coins as edges.")
    def edges(self) -> list[Edge] | None:
        return [Edge(node=Coin(number=2)), Edge(node=Coin(number=4))]


def harness(**options: Any) -> Harness:
    ASKED.clear()
    mint = plugin_module("mint", giving(graphql=[Coin, Maker, Edge, CoinQueries], permissions=[COUNT]))
    extras = plugin_module("extras", giving(graphql=[CoinExtras]), requires=("mint",))
    return Harness(mint, extras, **options)


async def test_a_list_is_loaded_by_one_call() -> None:
    data = await harness().data("{ coins(first: 3) { number maker { name } } }")
    assert [coin["maker"]["name"] for coin in data["coins"]] == ["maker 0", "maker 1", "maker 2"]
    assert ASKED == [("maker", [0, 1, 2], {})]


async def test_several_lists_and_single_objects_are_one_level() -> None:
    query = (
        "{ a: coins(first: 2) { maker { name } } b: coins(first: 2, start: 10) { maker { name } } "
        "coin(number: 7) { maker { name } } edges { node { maker { name } } } }"
    )
    data = await harness().data(query)
    assert data["coin"]["maker"] == {"name": "maker 7"}
    assert data["edges"][1]["node"]["maker"] == {"name": "maker 4"}
    assert [(name, sorted(coins)) for name, coins, _ in ASKED] == [("maker", [0, 1, 2, 4, 7, 10, 11])]


async def test_each_level_below_is_one_call_however_many_lists_it_has() -> None:
    query = "{ coins(first: 3) { maker { coins { number maker { coins { number } } } } } }"
    data = await harness().data(query)
    assert data["coins"][2]["maker"]["coins"][1]["maker"]["coins"][0] == {"number": 5}
    assert [(name, len(objects)) for name, objects, _ in ASKED] == [
        ("maker", 3),
        ("coins", 3),
        ("maker", 6),
        ("coins", 6),
    ]


async def test_there_is_one_call_for_each_distinct_set_of_arguments() -> None:
    query = 'query ($u: String) { coins(first: 4) { a: weight b: weight(unit: "kg") c: weight(unit: $u) } }'
    result = await harness().execute(query.replace("first: 4", "first: 1"), {"u": "kg"})
    assert result.data == {"coins": [{"a": 0, "b": 0, "c": 0}]}
    assert [(name, arguments) for name, _, arguments in ASKED] == [
        ("weight", {"unit": "gram"}),
        ("weight", {"unit": "kg"}),
    ]


async def test_an_exception_in_a_values_place_fails_that_object_alone() -> None:
    result = await harness().execute("{ a: coin(number: 2) { weight } b: coin(number: 3) { weight } }")
    assert result.data == {"a": {"weight": 8}, "b": None}
    [error] = result.errors
    assert (error.path, error.plugin) == (("b", "weight"), "mint")


async def test_in_a_list_a_value_that_failed_is_null_with_an_error_of_its_plugin() -> None:
    result = await harness().execute("{ coins(first: 2) { number failing } }")
    assert result.data == {"coins": [{"number": 0, "failing": None}, {"number": 1, "failing": None}]}
    assert [(e.path, e.plugin) for e in result.errors] == [
        (("coins", 0, "failing"), "extras"),
        (("coins", 1, "failing"), "extras"),
    ]


@pytest.mark.parametrize(
    ("field", "says"),
    [
        ("tooFew", "objects and gave 1 values"),
        ("never", "never took longer than 0.05 s"),
        ("cancelled", "waited for something that was cancelled"),
    ],
)
async def test_what_an_author_does_wrong_stays_within_the_boundary(field: str, says: str) -> None:
    result = await harness(budget=0.05).execute(
        f"{{ coins(first: 2) {{ number {field} }} edges {{ node {{ {field} }} }} }}"
    )
    assert result.data is not None
    assert [coin["number"] for coin in result.data["coins"]] == [0, 1]
    assert {(error.plugin, says in error.message) for error in result.errors} == {("extras", True)}
    assert len(result.errors) == 4


async def test_a_refusal_becomes_the_result_where_the_union_holds_it() -> None:
    data = await harness().data(
        "{ coins(first: 2) { twin { __typename ... on Coin { number } ... on CoinLost { message } } } }"
    )
    assert [coin["twin"] for coin in data["coins"]] == [
        {"__typename": "Coin", "number": 0},
        {"__typename": "CoinLost", "message": "lost"},
    ]


async def test_without_the_permission_nothing_is_loaded_and_each_object_says_so() -> None:
    result = await harness(principal=Principal("ada")).execute("{ coins(first: 2) { number counted } }")
    assert result.data == {"coins": [{"number": 0, "counted": None}, {"number": 1, "counted": None}]}
    assert [error.code for error in result.errors] == ["FORBIDDEN", "FORBIDDEN"]
    assert ASKED == []


async def test_with_the_permission_the_level_is_one_call() -> None:
    ada = Principal("ada", frozenset({"COUNT"}))
    data = await harness(principal=ada).data("{ coins(first: 2) { counted } }")
    assert data == {"coins": [{"counted": 0}, {"counted": 1}]}
    assert ASKED == [("counted", [0, 1], {})]


async def test_null_stays_null_and_no_list_asks_for_nothing() -> None:
    data = await harness().data("{ coins(first: 0) { maker { name } } coin(number: 13) { maker { name } } }")
    assert data == {"coins": [], "coin": {"maker": None}}
    assert ASKED == [("maker", [13], {})]


def test_a_declared_cost_counts_once_a_level() -> None:
    from graphql import parse

    schema: Any = harness().composition.schema._schema
    document: Any = parse("{ coins(first: 50) { number counted } }")
    assert operation_cost(schema, document.definitions[0], {}, {}, 1_000) == 50 + 7


async def test_an_alias_asks_for_the_same_object_once() -> None:
    data = await harness().data("{ coins(first: 2) { a: maker { name } b: maker { number } } }")
    assert data["coins"][1] == {"a": {"name": "maker 1"}, "b": {"number": 1}}
    assert ASKED == [("maker", [0, 1], {})]


def _malformed() -> list[Any]:
    async def no_list(coin: Coin) -> Sequence[int]:
        return [1]

    async def no_values(coins: Sequence[Coin]) -> int:
        return 1

    def not_async(coins: Sequence[Coin]) -> Sequence[int]:
        return [1]

    async def starred(coins: Sequence[Coin], *rest: int) -> Sequence[int]:
        return [1]

    async def nothing() -> Sequence[int]:
        return [1]

    async def unreadable(coins: "Sequence[Nowhere]") -> Sequence[int]:  # type: ignore[name-defined]  # noqa: F821
        return [1]

    return [no_list, no_values, not_async, starred, nothing, unreadable]


@pytest.mark.parametrize("function", _malformed(), ids=lambda f: f.__name__)
def test_a_function_that_cannot_be_batched_is_refused_with_advice(function: Any) -> None:
    with pytest.raises(TypeError, match="To fix this error, write `async def"):
        batched(description="Nothing.")(function)
