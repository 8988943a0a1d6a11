"""From an author's functions to a field of `Subscription`."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from functools import partial
from typing import Annotated, Any, Final

import strawberry
from strawberry.extensions import FieldExtension
from strawberry.types.fields.resolver import Parameter, Signature

from colonnade.context import Context, Info
from colonnade.cost import cost
from colonnade.errors import InvalidRequest
from colonnade.events import Event
from colonnade.extension import extend
from colonnade.permissions import Requires
from colonnade.scalars import BigInt
from colonnade.subscriptions.declaration import Conflated, Lossless, SubscriptionField
from colonnade.subscriptions.occurrences import Asking, Showing, UpdateKind, cursor_scope
from colonnade.subscriptions.signatures import AuthorSignature, signature_of

MOST_TOPICS: Final = 20
"""Topics that one conflated subscription may follow."""

_AFTER: Final = "The cursor of the last message seen: what followed it is sent first. None: from now on."


_EVENTS: Final = "__colonnade_events__"


class RequiresToFollow(Requires):
    """Permissions that are looked at when a subscription begins; what is delivered later has no caller."""

    async def resolve_async(
        self, next_: Callable[..., Any], source: Any, info: strawberry.Info, **kwargs: Any
    ) -> Any:
        if isinstance(source, Asking):
            self._check(info)
        return await next_(source, info, **kwargs)


def field_class(declared: SubscriptionField) -> type:
    """The extension of `Subscription` by one field. Raises `PluginError` for functions that do not fit together."""
    signature = signature_of(declared)
    name = _pascal(declared.name)
    payload = _payload(declared, f"{name}Payload", signature.node)
    extensions: list[FieldExtension] = (
        [] if declared.requires is None else [RequiresToFollow(*declared.requires)]
    )
    if declared.cost:
        extensions.append(cost(declared.cost))
    resolver = _resolver(declared, signature, payload)
    field = strawberry.field(resolver=resolver, description=declared.description, extensions=extensions)
    body: dict[str, Any] = {
        declared.name: field,
        "__module__": declared.function.__module__,
        "__annotations__": {},
        _EVENTS: tuple(signature.events.values()),
    }
    return extend("Subscription")(type(f"{name}Subscription", (), body))


def followed(contribution: object) -> Sequence[type[Event]]:
    """The events that a class which `field_class` made shows; none of any other."""
    found: Sequence[type[Event]] = vars(contribution).get(_EVENTS, ())
    return found


def _payload(declared: SubscriptionField, name: str, node: Any) -> type:
    parts: dict[str, tuple[Any, str]]
    if isinstance(declared.delivery, Lossless):
        parts = {"cursor": (str, "The place of this message: pass it as `after` to go on behind it.")}
    else:
        parts = {
            "sequence": (
                BigInt,
                "The place of this message in its topic, from 1: one with a smaller number than the last is older.",
            ),
            "kind": (UpdateKind, "What this message is."),
        }
    parts["node"] = (node, f"What there is to see; null where there is nothing. {declared.description}")
    body: dict[str, Any] = {
        "__module__": declared.function.__module__,
        "__annotations__": {part: annotation for part, (annotation, _) in parts.items()},
        **{part: strawberry.field(description=text) for part, (_, text) in parts.items()},
    }
    described = f"A message of the subscription `{_camel(declared.name)}`."
    made: type = strawberry.type(type(name, (), body), description=described)
    return made


def _resolver(declared: SubscriptionField, signature: AuthorSignature, payload: type) -> Callable[..., Any]:
    async def resolve(root: object, info: Info, **arguments: Any) -> object:
        after = arguments.pop("after", None) if isinstance(declared.delivery, Lossless) else None
        if isinstance(root, Asking):
            root.topics = await _topics(declared, signature, info.context, arguments)
            root.followed, root.after = declared, after
            return None
        if not isinstance(root, Showing):
            raise InvalidRequest("subscriptions need a WebSocket (graphql-transport-ws)")
        return await _shown(declared, signature, root, info, arguments, partial(_made, payload))

    parameters = [
        Parameter("root", Parameter.POSITIONAL_OR_KEYWORD, annotation=object),
        Parameter("info", Parameter.POSITIONAL_OR_KEYWORD, annotation=Info),
        *(
            Parameter(a.name, Parameter.KEYWORD_ONLY, default=a.default, annotation=a.annotation)
            for a in signature.arguments
        ),
    ]
    if isinstance(declared.delivery, Lossless):
        annotation = Annotated[str | None, strawberry.argument(description=_AFTER)]
        parameters.append(Parameter("after", Parameter.KEYWORD_ONLY, default=None, annotation=annotation))
    made: Any = resolve
    made.__signature__ = Signature(parameters, return_annotation=payload | None)
    made.__annotations__ = {p.name: p.annotation for p in parameters} | {"return": payload | None}
    made.__module__, made.__name__ = declared.function.__module__, declared.name
    return resolve


async def _topics(
    declared: SubscriptionField, signature: AuthorSignature, context: Context, arguments: dict[str, Any]
) -> tuple[str, ...]:
    answer: Any = declared.topics(context, **arguments)
    found = tuple(dict.fromkeys(await answer if inspect.isawaitable(answer) else answer))
    most = 1 if isinstance(declared.delivery, Lossless) else MOST_TOPICS
    if not 1 <= len(found) <= most:
        raise ValueError(f"the topics of {declared.name} are 1 to {most}, not {len(found)}")
    strangers = [topic for topic in found if topic.partition("#")[0] not in signature.events]
    if strangers:
        raise ValueError(
            f"{declared.name} takes {', '.join(signature.events)}, no events of the topic {strangers[0]}"
        )
    return found


async def _shown(
    declared: SubscriptionField,
    signature: AuthorSignature,
    showing: Showing,
    info: Info,
    arguments: dict[str, Any],
    made: Callable[[SubscriptionField, Showing, Context, object], object],
) -> object:
    node: object = None
    if showing.kind is UpdateKind.SNAPSHOT and declared.snapshot is not None:
        node = await declared.snapshot(info, **arguments)
    elif showing.published is not None:
        event = signature.events.get(showing.published.name)
        if event is not None:
            node = await declared.function(event.of(showing.published.payload), info, **arguments)
    if node is None and showing.kind in (UpdateKind.SNAPSHOT, UpdateKind.UPDATE):
        showing.skipped = True
        return None
    return made(declared, showing, info.context, node)


def _made(
    payload: Callable[..., object],
    declared: SubscriptionField,
    showing: Showing,
    context: Context,
    node: object,
) -> object:
    if isinstance(declared.delivery, Conflated):
        return payload(sequence=BigInt(showing.sequence), kind=showing.kind, node=node)
    cursor = context.cursors.sign(cursor_scope(showing.topic), (showing.sequence,))
    return payload(cursor=cursor, node=node)


def _pascal(name: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def _camel(name: str) -> str:
    pascal = _pascal(name)
    return pascal[:1].lower() + pascal[1:]
