"""Operations on the schema of `strange_shelves`, drawn from a seed."""

from random import Random

_BOOK = (
    *(
        "id",
        "label",
        "title",
        "subtitle",
        "pages",
        "copies",
        "weight",
        "price",
        "lent",
        "missing",
        "colour",
        "lining",
    ),
    *("printed", "even", "evenOrNull", "words", "notes", "later", "surely", "computed", "__typename"),
    *("other: title", "also: pages", "again: title", "more: computed(plus: 5)", "kind: __typename"),
    *("...OfBook", "...OfNamed", "... on Book { weight lent }", "... on Named { label }", "... { subtitle }"),
    *("title @include(if: $yes)", "pages @skip(if: $yes)", "... @include(if: $yes) { copies even }"),
    *("...OfBook @skip(if: $no)", "later @include(if: $no)", "... on Book @skip(if: $yes) { colour }"),
)
_FRAGMENTS = {
    "OfBook": "fragment OfBook on Book { title pages words ...OfNamed }",
    "OfNamed": "fragment OfNamed on Named { id label __typename }",
    "OfShelf": "fragment OfShelf on Shelf { length first { title later } last { id } ...OfNamed }",
}


def selection(random: Random) -> str:
    """A valid operation with the variables `$yes` and `$no`."""

    def book() -> str:
        return "{ " + " ".join(random.sample(_BOOK, random.randint(1, 9))) + " }"

    def shelf() -> str:
        fields = (
            *("id", "label", "length", "__typename", "long: length", "...OfShelf", "...OfNamed"),
            *(
                f"first {book()}",
                f"first {book()}",
                f"one: first {book()}",
                f"last {book()}",
                f"books {book()}",
            ),
            *(f"gaps {book()}", f"fetched {book()}", f"books @include(if: $yes) {book()}"),
            f"things {{ __typename ... on Book {book()} ... on Box {{ pages }} ...OfNamed }}",
            f"named {{ id ... on Book {book()} ... on Box {{ pages inner {{ label ... on Book {book()} }} }} }}",
        )
        return "{ " + " ".join(random.sample(fields, random.randint(1, 6))) + " }"

    roots = [
        f"shelf {shelf()}",
        f"shelves {shelf()}",
        f"certain {shelf()}",
        "__typename",
        f"two: shelf {shelf()}",
    ]
    chosen = " ".join(random.sample(roots, random.randint(1, 3)))
    text = f"query Q($yes: Boolean!, $no: Boolean!) {{ {chosen} given: __typename @include(if: $yes) @skip(if: $no) }}"
    for name in ("OfShelf", "OfBook", "OfNamed"):
        if f"...{name}" in text:
            text += " " + _FRAGMENTS[name]
    return text
