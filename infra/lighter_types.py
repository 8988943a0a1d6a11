"""Spares a start what making GraphQL types of classes does twice, or for nobody.

- Strawberry resolves the annotation of each field several times, in twenty steps each. What is a plain class, a `NewType`, or
  a list or an option of one, is resolved here in one; anything else, such as a text, a generic or a union, is left to it.
- `dataclasses` describes a class that has no description by its signature, which nobody reads in a function.
"""

from __future__ import annotations

import dataclasses
import inspect
from enum import Enum
from types import GenericAlias, NoneType, UnionType
from typing import Any, Final, NewType, Union, cast

_MODULE: Any = dataclasses
_UNKNOWN: Final = object()


class _Strawberry:
    """Its own methods, while ours are in their place."""

    evaluate: Any = None
    resolve: Any = None
    type: Any = None


def use() -> None:
    """From now on types are made with less, until `forget`. Imports Strawberry."""
    from strawberry.annotation import StrawberryAnnotation  # noqa: PLC0415 - which is to come from a package
    from strawberry.types.base import StrawberryList, StrawberryOptional  # noqa: PLC0415
    from strawberry.types.enum import StrawberryEnumDefinition  # noqa: PLC0415
    from strawberry.types.field import StrawberryField  # noqa: PLC0415

    forget()
    patched: Any = StrawberryAnnotation
    evaluate, resolve = _Strawberry.evaluate, _Strawberry.resolve = patched.evaluate, patched._resolve
    fields: Any = StrawberryField
    worked_out = _Strawberry.type = fields.type
    themselves = (NewType, StrawberryEnumDefinition, StrawberryList, StrawberryOptional)
    plain: dict[type, Any] = {}

    def resolved(annotation: Any) -> Any:
        kind = cast("object", type(annotation))
        if isinstance(annotation, type) and kind is not GenericAlias:
            if annotation not in plain:
                plain[annotation] = _resolved_class(annotation)
            return plain[annotation]
        if isinstance(annotation, themselves):
            return annotation
        parts: Any = getattr(annotation, "__args__", ())
        if _is_union(annotation) and len(parts) == 2 and parts[1] is NoneType:
            inner = resolved(parts[0])
            return _UNKNOWN if inner is _UNKNOWN else StrawberryOptional(inner)
        if kind is GenericAlias and annotation.__origin__ is list:
            inner = resolved(parts[0])
            return _UNKNOWN if inner is _UNKNOWN else StrawberryList(inner)
        return _UNKNOWN

    def evaluate_quickly(self: Any) -> Any:
        written = self.raw_annotation
        if resolved(written) is _UNKNOWN:
            return evaluate(self)
        return Union[written.__args__] if _is_union(written) else written  # noqa: UP007 - as it does

    def resolve_quickly(self: Any) -> Any:
        found = resolved(self.raw_annotation)
        return resolve(self) if found is _UNKNOWN else found

    def type_of(self: Any) -> Any:
        known = self.type_annotation
        if known is not None and known is self._validated_type_annotation:
            found = known.__resolve_cache__
            if found is not None:
                return found
        return worked_out.fget(self)

    patched.evaluate, patched._resolve = evaluate_quickly, resolve_quickly
    fields.type = property(type_of, worked_out.fset)
    _MODULE.inspect = _Inspect()


def forget() -> None:
    """Has everything done as ever."""
    _MODULE.inspect = inspect
    if _Strawberry.evaluate is not None:
        from strawberry.annotation import StrawberryAnnotation  # noqa: PLC0415 - see above
        from strawberry.types.field import StrawberryField  # noqa: PLC0415

        patched: Any = StrawberryAnnotation
        fields: Any = StrawberryField
        patched.evaluate, patched._resolve = _Strawberry.evaluate, _Strawberry.resolve
        fields.type = _Strawberry.type
        _Strawberry.evaluate = _Strawberry.resolve = None


def _is_union(annotation: Any) -> bool:
    return type(annotation) is UnionType or getattr(annotation, "__origin__", None) is Union


def _resolved_class(cls: Any) -> Any:
    if issubclass(cls, Enum):
        return vars(cls).get("__strawberry_definition__", _UNKNOWN)
    return _UNKNOWN if issubclass(cls, list) or hasattr(cls, "__origin__") else cls


class _Inspect:
    """The module `inspect`, for which every signature is short."""

    @staticmethod
    def signature(_: object) -> str:
        return "(...)"

    def __getattr__(self, name: str) -> Any:
        return getattr(inspect, name)
