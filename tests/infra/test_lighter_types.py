"""An annotation means the same while a function starts as at any other time."""

from __future__ import annotations

import dataclasses
import inspect
import typing
from collections.abc import Iterator
from enum import Enum
from typing import Any, Generic, NewType, TypeVar

import pytest
import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.exceptions import InvalidStrawberryFieldAnnotationError
from strawberry.types import base
from strawberry.types.field import UNRESOLVED, StrawberryField
from strawberry.types.lazy_type import LazyType
from strawberry.types.union import StrawberryUnion

from infra import lighter_types

T = TypeVar("T")
Address = NewType("Address", str)


@strawberry.enum
class Colour(Enum):
    RED = "red"


@strawberry.type
class Row:
    id: strawberry.ID


@strawberry.type
class Other:
    name: str


@strawberry.type
class Page(Generic[T]):
    rows: list[T]


class Rows(list[int]):
    pass


class Plain:
    pass


ANNOTATIONS = [
    "str",
    "int",
    "float",
    "bool",
    "bytes",
    "dict",
    "Plain",
    "Row",
    "Other",
    "Page",
    "Colour",
    "Address",
    "strawberry.ID",
    "T",
    "type(None)",
    "None",
    "Rows",
    "list",
    "Row | None",
    "str | None",
    "Address | None",
    "None | str",
    "Row | Other",
    "Row | Other | None",
    "Colour | None",
    "list[str]",
    "list[Row]",
    "list[Row | None]",
    "list[Row] | None",
    "list[list[int]]",
    "list[Address]",
    "list[Colour]",
    "list[T]",
    "tuple[str, ...]",
    "Optional[str]",
    "Optional[Row]",
    "Optional[list[Row]]",
    "Union[Row, Other]",
    "Union[Row, None]",
    "Page[Row]",
    "Page[T]",
    "Page[Row] | None",
    "list[Page[Row]]",
    "dict[str, int]",
    "Annotated[str, 'said']",
    "Annotated[Row | Other, strawberry.union('RowOrOther')]",
    "Annotated[str | None, 1]",
    "Annotated['Row', strawberry.lazy('tests.infra.test_lighter_types')]",
    "strawberry.auto",
    "'Row'",
    "'list[Row]'",
    "'Row | None'",
    "strawberry.Private[str]",
    "strawberry.Maybe[str]",
    "strawberry.UNSET",
    "type(strawberry.UNSET)",
    "str | type(strawberry.UNSET)",
    "StrawberryOptional(str)",
    "StrawberryList(Row)",
    "vars(Colour)['__strawberry_definition__']",
    "vars(Row)['__strawberry_definition__']",
]


def told(found: Any) -> Any:
    """What was resolved, for comparison."""
    if hasattr(found, "of_type"):
        return type(found), told(found.of_type)
    if isinstance(found, StrawberryUnion):
        return type(found), found.graphql_name, [told(one.resolve()) for one in found.type_annotations]
    if isinstance(found, LazyType):
        return type(found), found.type_name
    definition: Any = getattr(found, "__strawberry_definition__", None)
    if getattr(definition, "concrete_of", None) is not None:  # made anew each time
        return definition.concrete_of.origin, definition.type_var_map
    return type(found), getattr(found, "type_var", found) if type(
        found
    ).__name__ == "StrawberryTypeVar" else found


def worked_out(annotation: Any) -> Any:
    made = StrawberryAnnotation(annotation, namespace=globals())
    found: list[Any] = []
    for how in (lambda: (type(made.annotation), made.annotation), lambda: told(made.resolve())):
        try:
            found.append(how())
        except Exception as error:
            found.append((type(error), str(error)))
    return found


@pytest.fixture(autouse=True)
def as_ever() -> Iterator[None]:
    yield
    lighter_types.forget()


@pytest.mark.parametrize("written", ANNOTATIONS)
def test_an_annotation_means_the_same(written: str) -> None:
    meant: Any = eval(written, {**vars(typing), **vars(base), **globals()})
    before = worked_out(meant)
    lighter_types.use()
    for _ in range(2):
        assert worked_out(meant) == before


def test_an_enum_that_is_decorated_later_is_then_what_it_became() -> None:
    class Late(Enum):
        ONE = 1

    lighter_types.use()
    first = StrawberryAnnotation(Late).resolve()
    assert StrawberryAnnotation(Late).resolve() is first is vars(Late)["__strawberry_definition__"]


def test_plain_annotations_are_not_left_to_strawberry(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def resolve(self: StrawberryAnnotation) -> None:
        asked.append(self.raw_annotation)

    monkeypatch.setattr(StrawberryAnnotation, "_resolve", resolve)
    lighter_types.use()
    for plain in (str, Row, Address, Row | None, Address | None, list[Row], list[str] | None):
        assert StrawberryAnnotation(plain).resolve() is not None
    assert asked == []
    StrawberryAnnotation(Row | Other).resolve()
    assert asked == [Row | Other]
    lighter_types.forget()  # before what it found there is gone


def test_a_class_has_no_signature_for_a_description_meanwhile() -> None:
    def made() -> Any:
        @dataclasses.dataclass
        class Point:
            x: int

        return Point

    assert made().__doc__ == "Point(x: 'int')"
    lighter_types.use()
    assert made().__doc__ == "Point(...)"
    assert str(inspect.signature(made())) == "(x: 'int') -> None"
    lighter_types.forget()
    assert made().__doc__ == "Point(x: 'int')"


def test_afterwards_all_is_as_ever() -> None:
    patched: Any = StrawberryAnnotation
    fields: Any = StrawberryField

    def found() -> tuple[Any, ...]:
        return patched.evaluate, patched._resolve, fields.type, vars(dataclasses)["inspect"]

    before = found()
    lighter_types.use()
    lighter_types.use()
    lighter_types.forget()
    lighter_types.forget()
    assert found() == before


def test_a_field_whose_annotation_was_exchanged_has_its_new_type() -> None:
    lighter_types.use()
    field = StrawberryField(type_annotation=StrawberryAnnotation(str))
    assert [field.type, field.type] == [str, str]
    field.type = Row
    assert [field.type, field.type] == [Row, Row]
    field.type_annotation = StrawberryAnnotation(int)
    assert field.type is int
    field.type_annotation = StrawberryAnnotation("absent", namespace={})
    assert field.type is UNRESOLVED


def test_a_field_that_holds_a_field_is_refused_all_the_same() -> None:
    lighter_types.use()
    known = StrawberryAnnotation(list[typing.Annotated[str, strawberry.field()]])
    known.resolve()
    field = StrawberryField(python_name="rows", origin=Row, type_annotation=known)
    with pytest.raises(InvalidStrawberryFieldAnnotationError):
        _ = field.type
