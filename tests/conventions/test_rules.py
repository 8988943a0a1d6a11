"""Each convention is broken once by a small schema, and that breach is the one reported."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from graphql import build_schema

from colonnade.conventions import RULES, SchemaView, check

SOUND = """
"Where reading begins."
type Query {
  "Shelves, by name."
  shelves(
    "How many."
    first: Int! = 20
    "From where."
    after: String
  ): ShelfConnection
  "Old."
  shelf: Shelf @deprecated(reason: "Use shelves. Removal after 2027-06-01.")
}
"Changes of state."
type Mutation {
  "Put up a shelf."
  createShelf(
    "What to put up."
    input: CreateShelfInput!
  ): CreateShelfResult
}
"What can be followed."
type Subscription {
  "Books as they come."
  bookAdded(
    "A cursor to resume from."
    after: String
  ): BookAddedPayload
  "What a shelf holds."
  shelfWeight: ShelfWeightPayload
}
"A book, as it comes."
type BookAddedPayload {
  "Where to resume."
  cursor: String!
  "The shelf it went to."
  node: Shelf
}
"What a shelf weighs."
type ShelfWeightPayload {
  "Its place in the stream."
  sequence: String!
  "What kind of message this is."
  kind: Wood!
  "The shelf."
  node: Shelf
}
"What a shelf is made of."
enum Wood {
  "Oak."
  OAK
  "Old oak."
  OLD_OAK
}
"A shelf to put up."
input CreateShelfInput {
  "A key of the caller's choice."
  idempotencyKey: ID!
  "Its width."
  width: Decimal!
}
"What came of it."
union CreateShelfResult = Shelf | NoWall
"A board on a wall."
type Shelf {
  "Its width."
  width: Decimal!
  "How it is rated."
  stars: Decimal
}
"Why something was refused."
interface UserError {
  "For a developer."
  message: String!
}
"There is no wall."
type NoWall implements UserError {
  "For a developer."
  message: String!
}
"A page of shelves."
type ShelfConnection {
  "The items."
  edges: [ShelfEdge!]!
  "Where the page stands."
  pageInfo: PageInfo!
}
"A shelf and its place."
type ShelfEdge {
  "The shelf."
  node: Shelf!
  "Its place."
  cursor: String!
}
"Where a page stands."
type PageInfo {
  "Whether more follows."
  hasNextPage: Boolean!
}
"A decimal number."
scalar Decimal
"""
OWNERS = {"Shelf": "library"}
FIELD_OWNERS = {("Shelf", "width"): "library", ("Shelf", "stars"): "ratings"}


def view_of(sdl: str, field_owners: Mapping[tuple[str, str], str] = FIELD_OWNERS) -> SchemaView:
    return SchemaView(build_schema(sdl), OWNERS, field_owners)


def test_sound_schema_breaks_no_rule() -> None:
    assert check(view_of(SOUND)) == []


BREACHES = [
    ('"A board on a wall."\n', "", "descriptions: Shelf has no description"),
    ('  "Its width."\n  width: Decimal!\n  "How', '  width: Decimal!\n  "How', "descriptions: Shelf.width has no description"),
    ('    "How many."\n', "", "descriptions: Query.shelves(first:) has no description"),
    ('  "Old oak."\n', "", "descriptions: Wood.OLD_OAK has no description"),
    ('  "A key of the caller\'s choice."\n', "", "descriptions: CreateShelfInput.idempotencyKey has no description"),
    ("Removal after 2027-06-01.", "Some day.", 'removal dates: Query.shelf is deprecated without a date; end the reason with "Removal after YYYY-MM-DD."'),
    ("2027-06-01", "2027-13-01", 'removal dates: Query.shelf is deprecated without a date; end the reason with "Removal after YYYY-MM-DD."'),
    ("OLD_OAK", "oldOak", "names: enum value Wood.oldOak is not SCREAMING_SNAKE"),
    ("ShelfEdge", "Shelf_Edge", "names: type Shelf_Edge is not PascalCase"),
    ("  stars:", "  star_count:", "names: Shelf.star_count: star_count is not camelCase"),
    ("  width: Decimal!\n}\n\"What came", "  Width: Decimal!\n}\n\"What came", "names: CreateShelfInput.Width is not camelCase"),
    ("NoWall", "NoWallInput", "names: NoWallInput ends in Input and is none"),
    ("input: CreateShelfInput!", "input: CreateShelfInput", "names of mutations: Mutation.createShelf must take one argument, input: CreateShelfInput!"),
    ("): CreateShelfResult\n", "): CreateShelfResult!\n", "nullability: Mutation.createShelf is a root field and must be nullable"),
    ("  stars: Decimal\n", "  stars: Decimal!\n", "nullability: Shelf.stars comes from 'ratings', which does not own the type, and must be nullable"),
    ("first: Int! = 20", "first: Int! = 1000", "pagination: Query.shelves must take first: Int! = 20"),
    ('    "From where."\n    after: String\n  ): ShelfConnection', "  ): ShelfConnection", "pagination: Query.shelves must take after: String"),
    ("  pageInfo: PageInfo!", "  pageInfo: PageInfo", "pagination: ShelfConnection must have edges and pageInfo: PageInfo!"),
    ("  stars: Decimal\n", "  stars: Float\n", "no floats: Shelf.stars is a Float; use Decimal"),
    ("  width: Decimal!\n}\n\"What came", "  width: Float!\n}\n\"What came", "no floats: CreateShelfInput.width is a Float; use Decimal"),
    (" = Shelf | NoWall", " = Shelf", "typed refusals: Mutation.createShelf: CreateShelfResult needs what succeeds and at least one type that implements UserError"),
    ("  idempotencyKey: ID!", "  idempotencyKey: ID", "idempotency keys: Mutation.createShelf creates something or moves value: its input needs idempotencyKey: ID!"),
    ('    "A cursor to resume from."\n    after: String\n', '    "Which."\n    wood: Wood\n', "resumption: Subscription.bookAdded is lossless and must take after: String"),
    ("  sequence: String!", "  number: String!", "resumption: Subscription.shelfWeight must deliver a cursor (lossless), or sequence and kind (conflated)"),
    ("shelfWeight:", "shelfLoad:", "resumption: Subscription.shelfLoad must deliver ShelfLoadPayload with a node"),
]  # fmt: skip


@pytest.mark.parametrize(("sound", "broken", "breach"), BREACHES, ids=[b[2][:70] for b in BREACHES])
def test_breach_is_reported_and_nothing_else(sound: str, broken: str, breach: str) -> None:
    assert sound in SOUND
    assert check(view_of(SOUND.replace(sound, broken))) == [breach]


def test_mutation_without_a_union_is_reported() -> None:
    assert check(view_of(SOUND.replace("): CreateShelfResult\n", "): Shelf\n"))) == [
        "names of mutations: Mutation.createShelf must return CreateShelfResult",
        "typed refusals: Mutation.createShelf must return a union of its result and its errors, not Shelf",
    ]


def test_mutation_that_returns_a_list_of_results_is_reported() -> None:
    assert check(view_of(SOUND.replace("): CreateShelfResult\n", "): [CreateShelfResult]\n"))) == [
        "names of mutations: Mutation.createShelf must return CreateShelfResult"
    ]


def test_union_that_is_no_result_is_reported() -> None:
    sdl = SOUND.replace("CreateShelfResult", "CreateShelfOutcome")
    assert (
        "names: union CreateShelfOutcome does not end in Result; an open set of types is an interface"
        in check(view_of(sdl))
    )


def test_moving_value_needs_an_idempotency_key_whatever_its_verb() -> None:
    sdl = SOUND.replace("createShelf", "nudgeShelf").replace("CreateShelf", "NudgeShelf")
    priced = (
        sdl.replace("  stars: Decimal\n", "  stars: Money\n").replace("  idempotencyKey: ID!", "  note: ID!")
        + '"Money."\ntype Money {\n  "How much."\n  amount: Decimal!\n}\n'
    )
    assert check(view_of(priced)) == [
        "idempotency keys: Mutation.nudgeShelf creates something or moves value: its input needs idempotencyKey: ID!"
    ]


def test_every_rule_has_a_breach_here() -> None:
    assert {breach.partition(":")[0] for _, _, breach in BREACHES} == set(RULES)
