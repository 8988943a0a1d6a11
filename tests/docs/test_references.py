"""The generated pages of the documentation are what they would be now, and leave nothing out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLSchema

from colonnade import masking
from colonnade.composer import Composition
from colonnade.registry import HOOKS
from colonnade.results import advice_of
from infra.local.documentation import markdown
from infra.local.documentation.error_reference import codes_in_place, origin_of, refusals, refused_by
from infra.local.documentation.references import FOLDER, references, stale, write
from infra.local.links import anchors
from schema.compose import application


@pytest.fixture(scope="module")
def composition() -> Composition:
    return application()


@pytest.fixture(scope="module")
def schema(composition: Composition) -> GraphQLSchema:
    made: Any = composition.schema._schema
    assert isinstance(made, GraphQLSchema)
    return made


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return dict(references())


def test_the_committed_pages_are_true(pages: dict[str, str]) -> None:
    assert list(stale(pages)) == []


def test_every_hook_has_its_section() -> None:
    assert set(HOOKS) <= set(anchors(FOLDER / "hooks.md"))


def test_every_type_and_every_root_field_has_its_section(schema: GraphQLSchema) -> None:
    titles = [title for page in FOLDER.glob("schema-*.md") for title in anchors(page)]
    roots = {
        "Query": schema.query_type,
        "Mutation": schema.mutation_type,
        "Subscription": schema.subscription_type,
    }
    fields = [f"{name}.{field}" for name, root in roots.items() if root for field in root.fields]
    types = [name for name in schema.type_map if name not in roots and not name.startswith("__")]

    assert [member for member in (*types, *fields) if titles.count(markdown.anchor(member)) != 1] == []


def test_every_refusal_says_what_a_client_does(composition: Composition, schema: GraphQLSchema) -> None:
    for found in refusals(composition, schema).values():
        for refusal in found:
            assert (advice_of(origin_of(refusal)) or "").endswith("."), refusal.name


def test_a_refusal_names_the_fields_that_give_it(schema: GraphQLSchema) -> None:
    no_route: Any = schema.type_map["NoRoute"]

    assert refused_by(schema, no_route) == ["Query.swapPrice", "Mutation.prepareSwap"]


def test_every_code_in_a_fields_place_is_explained(pages: dict[str, str]) -> None:
    section = pages["errors.md"].partition("## In a field's place")[2]

    for code in {*codes_in_place(), masking.BAD_USER_INPUT}:
        assert section.count(f"| `{code}` |") == 1


def test_what_is_another_missing_or_left_over_is_named(tmp_path: Path) -> None:
    write({"a.md": "a", "b.md": "b", "c.md": "c"}, tmp_path)
    write({"a.md": "a", "b.md": "b"}, tmp_path)

    assert list(stale({"a.md": "a", "b.md": "b"}, tmp_path)) == []
    assert list(stale({"a.md": "another", "d.md": "d"}, tmp_path)) == ["a.md", "b.md", "d.md"]


def test_a_table_survives_what_its_cells_hold() -> None:
    assert markdown.table(["a"], [["one | two\nthree"]]).splitlines()[2] == "| one \\| two three |"
    assert markdown.table(["a"], []) == ""


def test_an_indented_example_becomes_code() -> None:
    docstring = "Says.\n\n        x = 1\n\n    Then more."

    assert markdown.prose(docstring) == "Says.\n\n```python\nx = 1\n```\n\nThen more."
