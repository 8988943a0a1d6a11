"""Fields that are a function of all the objects they are asked of, rather than of one."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Any, Concatenate, Final, TypeAlias, TypeVar, Union, cast, get_args, get_origin

import strawberry
from strawberry.extensions import FieldExtension
from strawberry.types.field import StrawberryField

from colonnade.errors import message_of
from colonnade.levels import Batches, Gathered, Load

P = TypeVar("P")
T = TypeVar("T")

Batch: TypeAlias = Callable[Concatenate[Sequence[P], ...], Awaitable[Sequence[T]]]
"""What an author writes: the parents, `info` if it is wanted, the field's arguments; it gives a value for each."""

_LOAD: Final = "__colonnade_batched__"


@dataclass(frozen=True, slots=True)
class _Signature:
    parent: str
    parent_type: Any
    wants_info: bool
    arguments: Sequence[inspect.Parameter]
    item: Any


def batched(
    *,
    description: str,
    name: str | None = None,
    deprecation_reason: str | None = None,
    extensions: Sequence[FieldExtension] = (),
) -> Callable[[Batch[P, T]], Any]:
    """A field that is loaded for all objects of a level at once, however many lists they came in.

        @batched(description="Who made it; null for somebody unknown.")
        @staticmethod
        async def creator(coins: Sequence[Coin], info: Info) -> Sequence[Creator | None]: ...

    The function gets each object once, and gives a value for each, in their order. It is called once for each
    distinct set of arguments; `info` is of one of the objects that ask, so its path and selection say nothing of the
    others. An exception in a value's place (write `Creator | Refused | None`) fails that object's field alone; one that
    is raised fails all. A cost declared for the field counts once, not once an object. The plugin's time budget is for
    the whole call. Raises TypeError for a function that cannot be such a field.
    """

    def decorate(function: Batch[P, T]) -> Any:
        load: Load = function.__func__ if isinstance(function, staticmethod) else function
        return strawberry.field(
            _resolver(load, _signature(load)),
            name=name,
            description=description,
            deprecation_reason=deprecation_reason,
            extensions=list(extensions),
        )

    return decorate


def load_of(field: StrawberryField) -> Load | None:
    """What loads `field` for many objects, or None for a field that is resolved for each."""
    resolver: Any = cast(Any, field).base_resolver
    return None if resolver is None else getattr(resolver.wrapped_func, _LOAD, None)


def _resolver(load: Load, signature: _Signature) -> Callable[..., Any]:
    """A resolver of one object, which joins whatever else is asked for in the same turns."""

    def resolve(info: strawberry.Info, **given: Any) -> Awaitable[object]:
        parent = given.pop(signature.parent)
        passed: Mapping[str, Any] = {**given, "info": info} if signature.wants_info else given
        batches: Batches | None = getattr(info.context, "batches", None)
        if batches is not None and batches.gathering:
            raise Gathered(passed)
        return (batches or Batches()).value(load, parent, given, passed)

    positional = inspect.Parameter.POSITIONAL_OR_KEYWORD
    parent_type: Any = strawberry.Parent
    parameters = [
        inspect.Parameter(signature.parent, positional, annotation=parent_type[signature.parent_type]),
        inspect.Parameter("info", positional, annotation=strawberry.Info),
        *signature.arguments,
    ]
    made: Any = resolve
    made.__signature__ = inspect.Signature(parameters, return_annotation=signature.item)
    made.__annotations__ = {p.name: p.annotation for p in parameters} | {"return": signature.item}
    made.__name__, made.__qualname__, made.__module__ = load.__name__, load.__qualname__, load.__module__
    setattr(made, _LOAD, load)
    return cast("Callable[..., Any]", made)


def _signature(load: Load) -> _Signature:
    """How the field looks for one object. Raises TypeError."""
    where = load.__qualname__

    def wrong(what: str) -> TypeError:
        return TypeError(
            f"{where}: {what}. To fix this error, write "
            "`async def f(parents: Sequence[Parent], info: Info, …) -> Sequence[Value | None]`."
        )

    if not inspect.iscoroutinefunction(load):
        raise wrong("a batched field is loaded by an async function")
    try:
        found = inspect.signature(load, eval_str=True)
    except Exception as error:
        raise wrong(f"its annotations cannot be read: {message_of(error)}") from error
    parameters = list(found.parameters.values())
    if not parameters or get_origin(parameters[0].annotation) is not Sequence:
        raise wrong("its first parameter takes the Sequence of the objects it is asked of")
    if get_origin(found.return_annotation) not in (Sequence, list, tuple):
        raise wrong("it returns a Sequence with a value for each object")
    parents, *others = parameters
    (parent_type,) = get_args(parents.annotation)
    arguments = [parameter for parameter in others if parameter.name != "info"]
    if any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in arguments):
        raise wrong("its arguments have names, not stars")
    item = _item(get_args(found.return_annotation)[0])
    return _Signature(parents.name, parent_type, len(arguments) < len(others), arguments, item)


def _item(annotated: Any) -> Any:
    """The type of a value; exceptions, which may stand in its place, are no part of it."""
    if get_origin(annotated) not in (Union, UnionType):
        return annotated
    kept: list[Any] = [member for member in get_args(annotated) if not _is_exception(member)]
    values: list[Any] = [member for member in kept if member is not NoneType]
    together: Any = values[0] if len(values) == 1 else Union[tuple(values)]  # noqa: UP007 - made of parts
    return together | None if NoneType in kept else together


def _is_exception(member: Any) -> bool:
    return isinstance(member, type) and issubclass(member, Exception)
