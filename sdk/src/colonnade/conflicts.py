"""How plugins can contradict one another, apart from types and fields (`colonnade.ownership`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any, Final, TypeVar, cast

from strawberry.schema.types.scalar import DEFAULT_SCALAR_REGISTRY
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.field import StrawberryField

from colonnade.events import EventHandler, EventType, required_fields
from colonnade.ownership import CORE, Ownership
from colonnade.permissions import Requires
from colonnade.results import error_code_of
from colonnade.scalars import Scalar
from colonnade.services import Service, is_many
from colonnade.settings import variable
from colonnade.subscriptions.fields import followed
from colonnade.webhooks.declaration import WebhookType

T = TypeVar("T")

PLATFORM: Final = ("colonnade.", "subscriptions.")
"""How the names of the platform's own jobs and event handlers begin."""


class Names:
    """Names that must be unique across plugins."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def distinct(
        self, kind: str, given: Sequence[tuple[str, Sequence[T]]], name: Callable[[T], str]
    ) -> list[tuple[str, T]]:
        """Everything given with its plugin; two of one name are a problem that names both plugins."""
        owners: dict[str, str] = {}
        kept: list[tuple[str, T]] = []
        for plugin, things in given:
            for thing in things:
                key = name(thing)
                if key in owners:
                    self.problems.append(
                        f"{kind} {key} is declared by both {owners[key]!r} and {plugin!r}; rename one of them"
                    )
                    continue
                owners[key] = plugin
                kept.append((plugin, thing))
        return kept


def error_codes(ownership: Ownership) -> dict[str, str]:
    """The code of every `UserError` in the schema, with the description of the first type that has it."""
    codes: dict[str, str] = {}
    for name in ownership.types:
        definition = ownership.definition(name)
        if isinstance(definition, StrawberryObjectDefinition):
            code = error_code_of(definition.origin)
            if code is not None:
                codes.setdefault(code, definition.description or name)
    return codes


def shared_python_types(scalars: Sequence[tuple[str, Scalar]]) -> Iterator[str]:
    """Scalars of one Python type, of which annotations could mean only one."""
    # Strawberry has scalars of its own for some Python types; those of the SDK take their place.
    first: dict[object, tuple[str, str]] = {
        python_type: (CORE, scalar.name) for python_type, scalar in DEFAULT_SCALAR_REGISTRY.items()
    }
    for plugin, scalar in scalars:
        owner, name = first.setdefault(scalar.python_type, (plugin, scalar.name))
        if plugin == CORE:
            first[scalar.python_type] = (plugin, scalar.name)
        elif (owner, name) != (plugin, scalar.name):
            yield (
                f"scalar {scalar.name} of {plugin!r} is for the Python type of scalar {name} of {owner!r}; "
                "make it a NewType of its own"
            )


def shared_settings(declared: Mapping[str, type[object]]) -> Iterator[str]:
    """Settings that two plugins would read from one variable, or keep under one class."""
    classes: dict[type[object], str] = {}
    variables: dict[str, str] = {}
    for plugin, settings in declared.items():
        first = classes.setdefault(settings, plugin)
        if first != plugin:
            yield (
                f"settings {settings.__name__} are declared by both {first!r} and {plugin!r}; "
                "give each plugin a class of its own"
            )
        for field in fields(cast(Any, settings)):
            name = variable(plugin, field.name)
            first = variables.setdefault(name, plugin)
            if first != plugin:
                yield f"variable {name} would be read by both {first!r} and {plugin!r}; rename one of the settings"


def duplicate_services(given: Sequence[tuple[str, Service[object]]]) -> Iterator[str]:
    """Protocols with two providers that may have one."""
    first: dict[object, str] = {}
    for plugin, service in given:
        if service.protocol in first and not is_many(service.protocol):
            yield (
                f"service {service.protocol.__name__} is provided by both {first[service.protocol]!r} and {plugin!r}; "
                "a deployment has one provider, so install one of them"
            )
        first.setdefault(service.protocol, plugin)


def names_of_the_platform(kind: str, given: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Names, each after its plugin, that begin as those of the platform's own do, which run beside them."""
    for plugin, name in given:
        if name.startswith(PLATFORM):
            yield (
                f"{kind} {name} of {plugin!r} begins as the platform's own do; begin it with the plugin's name, "
                f"as in {plugin}.{name.partition('.')[2]}"
            )


def unheard_events(
    declared: Sequence[tuple[str, EventType]],
    handlers: Sequence[tuple[str, EventHandler]],
    contributions: Sequence[tuple[str, Sequence[type]]],
) -> Iterator[str]:
    """Handlers and subscriptions of events that nobody declares, or that are not what they take them for.

    A plugin may have a class of its own for another's event, since plugins do not import one another.
    """
    events = {known.name: (plugin, known.event) for plugin, known in declared if known.name}
    for plugin, event_type in declared:
        if not event_type.name:
            yield f"{plugin!r}: {event_type.event.__name__} is no event; decorate it with @event(…)"
    followers = [(plugin, f"the event handler {handler.name}", handler.event) for plugin, handler in handlers]
    followers += [
        (plugin, f"the subscription {contribution.__name__.removesuffix('Subscription')}", followed_event)
        for plugin, given in contributions
        for contribution in given
        for followed_event in followed(contribution)
    ]
    for plugin, follower, expected in followers:
        name = expected.event_name
        if name not in events:
            yield (
                f"{plugin!r}: {follower} follows {name or expected.__name__}, which no "
                "plugin declares; install the plugin that records it, or return it from the `event_types` hook"
            )
            continue
        owner, event = events[name]
        missing = sorted(required_fields(expected) - {field.name for field in fields(cast(Any, event))})
        if missing:
            yield (
                f"{plugin!r}: {follower} needs {', '.join(missing)} of {name}, which the event "
                f"of {owner!r} does not have; give them defaults"
            )


def unknown_permissions(
    ownership: Ownership,
    added: Mapping[str, Sequence[tuple[str, StrawberryField]]],
    declared: set[str],
) -> Iterator[str]:
    """Permissions that a field requires and no plugin declares."""
    fields = [(owner, target, field) for target, pairs in added.items() for owner, field in pairs]
    for name, owner in ownership.types.items():
        definition = ownership.definition(name)
        if isinstance(definition, StrawberryObjectDefinition):
            fields += [(owner, name, field) for field in definition.fields]
    for owner, target, field in fields:
        for extension in field.extensions:
            if isinstance(extension, Requires):
                for permission in extension.permissions:
                    if permission.name not in declared:
                        yield (
                            f"{owner!r}: {target}.{field.python_name} requires the permission {permission.name}, "
                            "which no plugin declares; return it from the `permissions` hook"
                        )


def unknown_webhook_permissions(
    webhooks: Sequence[tuple[str, WebhookType]], declared: set[str]
) -> Iterator[str]:
    """Permissions that choosing a webhook takes and no plugin declares."""
    for plugin, webhook in webhooks:
        if webhook.permission is not None and webhook.permission.name not in declared:
            yield (
                f"{plugin!r}: the webhook {webhook.name} requires the permission {webhook.permission.name}, "
                "which no plugin declares; return it from the `permissions` hook"
            )
