"""Whether an author's functions fit together, and what they say about the field they make."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

from colonnade.errors import PluginError, message_of
from colonnade.events import Event
from colonnade.subscriptions.declaration import Lossless, SubscriptionField

_RESERVED: Final = frozenset({"root", "self", "cls"})


@dataclass(frozen=True, slots=True)
class AuthorSignature:
    """What the functions of a subscription say: its arguments, the events it takes by name, and the type of its node."""

    arguments: Sequence[inspect.Parameter]
    events: Mapping[str, type[Event]]
    node: Any


def signature_of(declared: SubscriptionField) -> AuthorSignature:
    """The signature of a subscription. Raises `PluginError`, which says what is wrong and what would be right."""
    problem = _Problem(declared.name)
    if not inspect.iscoroutinefunction(declared.function):
        raise problem("its function is not async; write `async def`")
    try:
        hints = get_type_hints(declared.function, include_extras=True)
    except Exception as error:
        raise problem(
            f"its annotations cannot be read: {message_of(error)}; import what they name at run time, too"
        ) from error
    parameters = list(inspect.signature(declared.function).parameters.values())
    if len(parameters) < 2 or parameters[1].name != "info":
        raise problem("its function takes the event first and `info` second, then the field's arguments")
    arguments = [_argument(parameter, hints, declared, problem) for parameter in parameters[2:]]
    names = [argument.name for argument in arguments]
    _accepts(declared.topics, "context", names, "topics", problem)
    if declared.snapshot is not None:
        if not inspect.iscoroutinefunction(declared.snapshot):
            raise problem("its snapshot is not async; write `async def`")
        _accepts(declared.snapshot, "info", names, "snapshot", problem)
    return AuthorSignature(
        arguments, _events(hints.get(parameters[0].name), problem), _node(hints.get("return"), problem)
    )


class _Problem:
    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, what: str) -> PluginError:
        return PluginError(f"subscription {self._name}: {what}")


def _argument(
    parameter: inspect.Parameter, hints: Mapping[str, Any], declared: SubscriptionField, problem: _Problem
) -> inspect.Parameter:
    name = parameter.name
    if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
        raise problem(f"{name} is not an argument that can be given by its name")
    if name == "after" and isinstance(declared.delivery, Lossless):
        raise problem("`after` is added to every lossless subscription; leave it out")
    if name in _RESERVED:
        raise problem(f"an argument cannot be called {name}")
    if name not in hints:
        raise problem(f"the argument {name} has no annotation")
    return parameter.replace(annotation=hints[name], kind=inspect.Parameter.KEYWORD_ONLY)


def _accepts(
    function: Callable[..., Any], first: str, names: Sequence[str], what: str, problem: _Problem
) -> None:
    try:
        inspect.signature(function).bind(None, **dict.fromkeys(names))
    except TypeError:
        wanted = ", ".join((first, *names))
        raise problem(f"its {what} takes the arguments of the field: {what}({wanted})") from None


def _events(annotation: Any, problem: _Problem) -> Mapping[str, type[Event]]:
    found = _members(annotation)
    if not found or not all(isinstance(e, type) and issubclass(e, Event) and e.event_name for e in found):
        raise problem(
            "its first parameter names the events it takes, classes with @event, as in `event: Applauded`"
        )
    return {event.event_name: event for event in found}


def _node(annotation: Any, problem: _Problem) -> Any:
    members = _members(annotation)
    if len(members) < 2 or NoneType not in members:
        raise problem("it may have nothing to show to a subscriber; let it return `T | None`")
    return annotation


def _members(annotation: Any) -> tuple[Any, ...]:
    if annotation is None:
        return ()
    return get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)
