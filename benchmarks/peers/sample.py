"""What the servers in Python serve, from memory; `sample.mjs` has the same for those in JavaScript.

Written without `from __future__ import annotations`, which costs both sides alike.
"""

import strawberry


@strawberry.type(description="A row of a list.")
class Row:
    id: strawberry.ID = strawberry.field(description="Its id.")
    name: str = strawberry.field(description="Its name.")
    price: float = strawberry.field(description="Its price, in dollars.")
    volume: int = strawberry.field(description="What was traded of it, in pieces.")
    active: bool = strawberry.field(description="Whether it is traded.")
    note: str | None = strawberry.field(description="What else is to say.")


@strawberry.type(description="A company.")
class Company:
    id: strawberry.ID = strawberry.field(description="Its id.")
    name: str = strawberry.field(description="Its name.")
    country: str = strawberry.field(description="The country, by its ISO 3166 code.")


@strawberry.type(description="Who issued something.")
class Issuer:
    id: strawberry.ID = strawberry.field(description="Its id.")
    name: str = strawberry.field(description="Its name.")
    country: str = strawberry.field(description="The country, by its ISO 3166 code.")


@strawberry.type(description="Where something is traded.")
class Market:
    code: str = strawberry.field(description="Its code.")
    city: str = strawberry.field(description="The city.")
    open: bool = strawberry.field(description="Whether it is open.")


@strawberry.type(description="What is traded somewhere: ten fields, two of them objects.")
class Listing:
    id: strawberry.ID = strawberry.field(description="Its id.")
    symbol: str = strawberry.field(description="Its symbol.")
    name: str = strawberry.field(description="Its name.")
    price: float = strawberry.field(description="Its price, in dollars.")
    change: float = strawberry.field(description="How much of it was gained in a day.")
    volume: int = strawberry.field(description="What was traded of it, in pieces.")
    active: bool = strawberry.field(description="Whether it is traded.")
    note: str | None = strawberry.field(description="What else is to say.")
    issuer: Issuer = strawberry.field(description="Who issued it.")
    market: Market = strawberry.field(description="Where it is traded.")


@strawberry.type(description="Where somebody lives.")
class Residence:
    city: str = strawberry.field(description="The city.")
    country: str = strawberry.field(description="The country, by its ISO 3166 code.")


@strawberry.type(description="Somebody.")
class User:
    id: strawberry.ID = strawberry.field(description="Their id.")
    name: str = strawberry.field(description="Their name.")
    email: str = strawberry.field(description="Their address for mail.")
    address: Residence = strawberry.field(description="Where they live.")


ROWS = [
    Row(
        id=strawberry.ID(f"row_{n}"),
        name=f"Row number {n}",
        price=n / 4,
        volume=1_000 * n,
        active=n % 3 == 0,
        note=None if n % 2 else f"note {n}",
    )
    for n in range(100)
]
LISTINGS = [
    Listing(
        id=strawberry.ID(f"listing_{n}"),
        symbol=f"SYM{n}",
        name=f"Common shares of company number {n}",
        price=n / 4,
        change=n / 8 - 6,
        volume=1_000 * n,
        active=n % 3 == 0,
        note=None if n % 2 else f"A note on listing {n}",
        issuer=Issuer(id=strawberry.ID(f"issuer_{n}"), name=f"Company number {n}", country="PT"),
        market=Market(code=f"MKT{n % 7}", city="Lisbon", open=n % 7 < 4),
    )
    for n in range(100)
]
USERS = {
    f"user_{n}": User(
        id=strawberry.ID(f"user_{n}"),
        name=f"User {n}",
        email=f"user{n}@example.com",
        address=Residence(city="Lisbon", country="PT"),
    )
    for n in range(10)
}


COMPANIES = [Company(id=strawberry.ID(f"company_{n}"), name=f"Company {n}", country="PT") for n in range(30)]


def maker_of(row: str) -> int:
    """Who made the row of this id, by their place among the companies."""
    return int(row.removeprefix("row_")) % 20


def venue_of(row: str) -> int:
    """Where the row of this id is traded."""
    return 20 + int(row.removeprefix("row_")) % 10


async def companies(numbers: list[int]) -> list[Company | None]:
    """What both ways of loading ask for, at once."""
    return [COMPANIES[number] for number in numbers]


def rows(first: int) -> list[Row] | None:
    return ROWS[:first]


def listings(first: int) -> list[Listing] | None:
    return LISTINGS[:first]


def user(id: strawberry.ID) -> User | None:  # noqa: A002 - as the argument is called
    return USERS.get(id)
