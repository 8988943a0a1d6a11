"""What every member of the schema says of itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from graphql import GraphQLEnumType

from colonnade.conventions.view import SchemaView

_REMOVAL: Final = re.compile(r"Removal after (\d{4}-\d\d-\d\d)\.")


def described(view: SchemaView) -> Iterator[str]:
    """Every type, field, argument, input field and enum value has a description."""
    for named in view.types():
        if not named.description:
            yield f"{named.name} has no description"
        if isinstance(named, GraphQLEnumType):
            for value, member in named.values.items():
                if not member.description:
                    yield f"{named.name}.{value} has no description"
    for named, name, field in view.fields():
        if not field.description:
            yield f"{named.name}.{name} has no description"
        for argument, definition in field.args.items():
            if not definition.description:
                yield f"{named.name}.{name}({argument}:) has no description"
    for named in view.inputs():
        for name, member in named.fields.items():
            if not member.description:
                yield f"{named.name}.{name} has no description"


def removal_dates(view: SchemaView) -> Iterator[str]:
    """Each deprecated member says until when it stays: "Use X. Removal after 2027-06-01." """
    for where, reason in _deprecations(view):
        found = _REMOVAL.search(reason)
        if found is None or not _is_date(found[1]):
            yield f'{where} is deprecated without a date; end the reason with "Removal after YYYY-MM-DD."'


def _deprecations(view: SchemaView) -> Iterator[tuple[str, str]]:
    for named, name, field in view.fields():
        if field.deprecation_reason is not None:
            yield f"{named.name}.{name}", field.deprecation_reason
        for argument, definition in field.args.items():
            if definition.deprecation_reason is not None:
                yield f"{named.name}.{name}({argument}:)", definition.deprecation_reason
    for enum in view.types():
        if isinstance(enum, GraphQLEnumType):
            for value, member in enum.values.items():
                if member.deprecation_reason is not None:
                    yield f"{enum.name}.{value}", member.deprecation_reason
    for taken in view.inputs():
        for name, part in taken.fields.items():
            if part.deprecation_reason is not None:
                yield f"{taken.name}.{name}", part.deprecation_reason


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
