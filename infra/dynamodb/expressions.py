"""Conditions, updates and sort ranges as DynamoDB's expressions, every name and value through a placeholder."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Any, Final

from colonnade.conditions import All, AnyOf, AttributeExists, Compare, Condition, Not
from colonnade.store import Query, Update
from infra.dynamodb.items import (
    EXPIRES_AT,
    PARTITION,
    SORT,
    Attributes,
    index_attributes,
    marshal,
    marshal_place,
)


class _Binding(IntEnum):
    """How strongly the words of a condition bind."""

    OR = 1
    AND = 2
    NOT = 3
    ATOM = 4


class Expressions:
    """The expressions of one request, which share their placeholders."""

    def __init__(self) -> None:
        self._names: Final[dict[str, str]] = {}
        self._values: Final[list[dict[str, Any]]] = []

    def placeholders(self) -> dict[str, Any]:
        """What the placeholders stand for, as parameters of the request."""
        parameters: dict[str, Any] = {}
        if self._names:
            parameters["ExpressionAttributeNames"] = {mark: name for name, mark in self._names.items()}
        if self._values:
            parameters["ExpressionAttributeValues"] = {f":{n}": value for n, value in enumerate(self._values)}
        return parameters

    def condition(self, condition: Condition) -> str:
        """A condition of a row."""
        return self._rendered(condition)[1]

    def update(self, update: Update) -> str:
        """What an update does."""
        assigned: Attributes = {name: marshal(value) for name, value in update.set.items()}
        removed = list(update.remove)
        for index, place in update.index_keys.items():
            if place is None:
                removed += index_attributes(index)
            else:
                assigned |= marshal_place(index, place)
        if update.expires_at == "never":
            removed.append(EXPIRES_AT)
        elif update.expires_at is not None:
            assigned[EXPIRES_AT] = {"N": str(update.expires_at)}
        clauses = {
            "SET": [f"{self._name(name)} = {self._value(value)}" for name, value in assigned.items()],
            "ADD": [f"{self._name(name)} {self._value({'N': str(n)})}" for name, n in update.add.items()],
            "REMOVE": [self._name(name) for name in removed],
        }
        return " ".join(f"{verb} {', '.join(parts)}" for verb, parts in clauses.items() if parts)

    def sort_range(self, query: Query) -> str:
        """Which items of which partition a query reads."""
        partition, sort = (PARTITION, SORT) if query.index is None else index_attributes(query.index)
        terms = [f"{self._name(partition)} = {self._text(query.partition)}"]
        prefix, low, high = query.sort.prefix, query.sort.low, query.sort.high
        if prefix:  # an empty one, like an empty lower bound, leaves nothing out, and DynamoDB refuses it
            terms.append(f"begins_with({self._name(sort)}, {self._text(prefix)})")
        elif low and high is not None:
            terms.append(f"{self._name(sort)} BETWEEN {self._text(low)} AND {self._text(high)}")
        elif low:
            terms.append(f"{self._name(sort)} >= {self._text(low)}")
        elif high is not None:
            terms.append(f"{self._name(sort)} <= {self._text(high)}")
        return " AND ".join(terms)

    def _rendered(self, condition: Condition) -> tuple[_Binding, str]:
        match condition:
            case AnyOf(terms):
                return self._joined(_Binding.OR, terms)
            case All(terms):
                return self._joined(_Binding.AND, terms)
            case Not(AttributeExists(name)):
                return _Binding.ATOM, f"attribute_not_exists({self._name(name)})"
            case Not(term):
                return _Binding.NOT, f"NOT {self._within(_Binding.NOT, term)}"
            case AttributeExists(name):
                return _Binding.ATOM, f"attribute_exists({self._name(name)})"
            case Compare(name, operator, value):
                return _Binding.ATOM, f"{self._name(name)} {operator} {self._value(marshal(value))}"
        raise TypeError(f"{condition!r} has no expression")

    def _joined(self, word: _Binding, terms: Sequence[Condition]) -> tuple[_Binding, str]:
        if len(terms) == 1:
            return self._rendered(terms[0])
        return word, f" {word.name} ".join(self._within(word, term) for term in terms)

    def _within(self, binding: _Binding, condition: Condition) -> str:
        """Parentheses only where they are needed: DynamoDB refuses redundant ones."""
        inner, text = self._rendered(condition)
        return text if inner >= binding else f"({text})"

    def _name(self, name: str) -> str:
        return self._names.setdefault(name, f"#{len(self._names)}")

    def _value(self, typed: dict[str, Any]) -> str:
        self._values.append(typed)
        return f":{len(self._values) - 1}"

    def _text(self, text: str) -> str:
        return self._value({"S": text})
