"""A schema of plain fields with strange objects behind them, drawn from one seed."""

import asyncio
import datetime
import enum
from collections.abc import Generator
from random import Random
from typing import Annotated, Any, NewType

import strawberry
from strawberry.schema.config import StrawberryConfig


@strawberry.enum
class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


def _even(value: object) -> object:
    """Serialises even numbers, has null for 0, and refuses all else."""
    if not isinstance(value, int) or value % 2:
        raise ValueError(f"{value!r} is not even")
    return value or None


Even = NewType("Even", int)


@strawberry.interface
class Named:
    id: strawberry.ID
    label: str | None


@strawberry.type
class Book(Named):
    title: str
    subtitle: str | None
    pages: int
    copies: int | None
    weight: float
    price: float | None
    lent: bool
    missing: bool | None
    colour: Colour
    lining: Colour | None
    printed: datetime.date
    even: Even
    even_or_null: Even | None
    words: list[str]
    notes: list[str | None] | None

    @strawberry.field
    async def later(self) -> str | None:
        await asyncio.sleep(0)
        return self.subtitle

    @strawberry.field
    async def surely(self) -> str:
        return self.title

    @strawberry.field
    def computed(self, plus: int = 1) -> int:
        return self.pages + plus


@strawberry.type
class Box(Named):
    pages: int
    inner: Named | None


Thing = Annotated[Book | Box, strawberry.union("Thing")]


@strawberry.type
class Shelf(Named):
    length: int
    first: Book
    last: Book | None
    books: list[Book]
    gaps: list[Book | None] | None
    things: list[Thing] | None
    named: Named | None

    @strawberry.field
    async def fetched(self) -> Book | None:
        await asyncio.sleep(0)
        return self.last


@strawberry.type
class Query:
    shelf: Shelf | None
    shelves: list[Shelf | None] | None
    certain: list[Shelf]


SCHEMA = strawberry.Schema(
    Query,
    types=[Book, Box],
    config=StrawberryConfig(scalar_map={Even: strawberry.scalar(name="Even", serialize=_even)}),
)


class Text(str):
    __slots__ = ()


class Number(int):
    pass


class Odd:
    def __repr__(self) -> str:
        return "<odd>"


class Promise:
    """Something to await that nobody has to await."""

    def __init__(self, value: object) -> None:
        self._value = value

    def __repr__(self) -> str:
        return "<promise>"

    def __await__(self) -> Generator[Any, None, object]:
        yield from asyncio.sleep(0).__await__()
        if isinstance(self._value, Exception):
            raise self._value
        return self._value


class Torn(Book):
    """A book some of whose attributes cannot be read."""

    @property
    def title(self) -> str:  # type: ignore[override]
        raise LookupError("this page is torn out")

    @property
    def copies(self) -> int:  # type: ignore[override]
        raise AttributeError("nobody counted")


class Objects:
    """Objects of the schema; `faults` of their attributes are of another type than the schema says."""

    def __init__(self, random: Random, faults: float) -> None:
        self._random = random
        self._faults = faults

    def query(self) -> Query:
        return Query(
            shelf=self._or(self._shelf(), None, Odd(), {}),
            shelves=self._or(
                [self._or(self._shelf(), None, Odd()) for _ in range(self._random.randint(0, 3))], None, 5
            ),
            certain=self._or(
                [self._or(self._shelf(), None) for _ in range(self._random.randint(0, 2))], None, "abc"
            ),
        )

    def _or(self, value: Any, *others: Any) -> Any:
        """`value`, or one time in so many something else; whatever is drawn takes as much from the seed."""
        strange, which, how = self._random.random(), self._random.random(), self._random.random()
        if strange >= self._faults:
            return value
        found = [*others, None, Odd(), ValueError("spoilt"), Promise(value), Promise(KeyError("late"))]
        if how < 0.6:
            found = list(others) or found
        return found[int(which * len(found))]

    def _book(self) -> Book:
        either, r = self._or, self._random
        values: dict[str, Any] = {
            "id": either("b1", 1, None, 1.5, Text("b"), True),
            "label": either(r.choice(["x", None]), 3, Text("l"), b"bytes", ["x"]),
            "title": either("t", None, 5, Text("z"), 1.0, True, float("nan")),
            "subtitle": either(r.choice(["s", None, ""]), 7, [], Text("")),
            "pages": either(
                3, None, 2**31, -(2**31), -(2**31) - 1, 2**31 - 1, 1.0, 1.5, True, "7", "", "x", Number(4)
            ),
            "copies": either(r.choice([None, 5, 0]), 2**40, False, "12", float("inf"), Number(9)),
            "weight": either(1.5, None, float("nan"), float("inf"), 2, True, "1.5", "", 10**400),
            "price": either(r.choice([None, 0.0, -1.25]), float("-inf"), "x", False, 3),
            "lent": either(r.choice([True, False]), None, 1, 0, "yes", 1.0, float("nan")),
            "missing": either(r.choice([True, False, None]), 2, "", []),
            "colour": either(Colour.RED, None, "red", "RED", "none", 5, []),
            "lining": either(r.choice([None, Colour.BLUE]), "blue", Odd()),
            "printed": either(
                datetime.date(2026, 1, 2), None, "2026-01-02", datetime.datetime(2026, 1, 2), 5
            ),
            "even": either(2, 0, 1, None, "2", True),
            "even_or_null": either(r.choice([None, 4, 0]), 3, Odd()),
            "words": either(
                ["a", "b"], None, ["a", None], ("t",), "text", 5, [Promise("w")], iter("xy"), [1, Odd()]
            ),
            "notes": either(r.choice([None, ["a", None], []]), [Odd()], {"k": 1}),
        }
        book = Torn.__new__(Torn) if r.random() < self._faults / 2 else Book.__new__(Book)
        book.__dict__.update(values)
        if r.random() < self._faults / 2:
            del book.__dict__[r.choice(sorted(values))]
        return book

    def _box(self, depth: int = 0) -> Box:
        inner = self._box(depth + 1) if depth < 2 and self._random.random() < 0.5 else self._book()
        return Box(
            id=self._or(strawberry.ID("x"), 5),
            label=None,
            pages=self._or(1, "1", 2**33),
            inner=self._or(inner, {}),
        )

    def _shelf(self) -> Shelf:
        either, r = self._or, self._random
        thing = self._box() if r.random() < 0.5 else self._book()
        return Shelf(
            id=either(strawberry.ID("s"), 5),
            label=either(None, "label"),
            length=either(1, "12", True),
            first=either(self._book(), {}, self._box()),
            last=either(r.choice([None, self._book()]), "book"),
            books=either(
                [self._book() for _ in range(r.randint(0, 4))], [None], (self._book(),), iter([self._book()])
            ),
            gaps=either(r.choice([None, [], [self._book(), None]]), [Odd()], [Promise(self._book())]),
            things=either(r.choice([None, [thing, self._book()]]), [Odd()], [None]),
            named=either(r.choice([None, self._book(), self._box()]), "named"),
        )
