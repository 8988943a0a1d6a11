"""Many plugins, one schema: everything they contribute is checked together, then composed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

import strawberry
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.types.base import StrawberryObjectDefinition, StrawberryOptional, get_object_definition
from strawberry.types.field import StrawberryField

from colonnade.conflicts import Names, duplicate_services, error_codes, unknown_permissions
from colonnade.derived import DerivedEnums, ErrorCode, PermissionName
from colonnade.entities import Entity
from colonnade.errors import ConflictError
from colonnade.extension import extended_type
from colonnade.local_contracts import LocalContract
from colonnade.ownership import CORE, Ownership
from colonnade.permissions import Permission
from colonnade.plugin import Plugin
from colonnade.registry import Contribution, PluginStatus, Registry
from colonnade.relay import Node
from colonnade.results import IdempotencyConflict, UserError, ValidationFailed
from colonnade.scalars import SCALARS
from colonnade.schema import ComposedSchema
from colonnade.services import Service, Services
from colonnade.tokens import Token, TokenAmount

CORE_TYPES: Final[tuple[type, ...]] = (
    Node,
    UserError,
    ValidationFailed,
    IdempotencyConflict,
    Token,
    TokenAmount,
)
"""Types every schema holds, so that plugins can extend them and rely on their names."""

DEFAULT_BUDGET: Final = 5.0
"""Seconds a plugin's resolver may take."""


@strawberry.type(description="Changes of state. Each takes one input and returns a result union.")
class Mutation:
    pass


@strawberry.type(description="What a client can follow.")
class Subscription:
    pass


@dataclass(frozen=True, slots=True)
class Composition:
    """What composing gave: the schema, and everything else the plugins declared, each with its plugin."""

    schema: ComposedSchema
    manifests: Sequence[Plugin]
    statuses: Sequence[PluginStatus]
    services: Services
    settings: Mapping[str, type[object]]
    permissions: Sequence[tuple[str, Permission]]
    entities: Sequence[tuple[str, Entity]]
    local_contracts: Sequence[tuple[str, LocalContract]]
    type_owners: Mapping[str, str] = field(repr=False)
    field_owners: Mapping[tuple[str, str], str] = field(repr=False)


def compose(
    registry: Registry,
    query: type,
    *,
    types: Sequence[type] = (),
    extensions: Sequence[type[SchemaExtension] | Callable[[], SchemaExtension]] = (),
    budget: float = DEFAULT_BUDGET,
) -> Composition:
    """Compose the registry's plugins around the root `query`.

    `types`: further types the host brings. `budget`: seconds a contributed resolver may take. Raises
    `PluginError` for plugins that fail (in `"abort"` mode) and `ConflictError` with every contradiction.
    """
    contributions = registry.collect()
    config = StrawberryConfig()
    ownership = Ownership(config.name_converter)
    for host_type in (query, Mutation, Subscription, *CORE_TYPES, *types):
        ownership.claim(CORE, host_type)
    own_types, extending = _sort_out(contributions, ownership)
    added = _extensions(extending, ownership)

    names = Names()
    scalars = names.distinct("scalar", [(CORE, SCALARS), *_each(contributions, "scalars")], lambda s: s.name)
    permissions = names.distinct("permission", _each(contributions, "permissions"), lambda p: p.name)
    loaders = names.distinct("node id prefix", _each(contributions, "nodes"), lambda n: n.prefix)
    entities = names.distinct("entity", _each(contributions, "entities"), lambda e: f"{e.plugin}.{e.name}")
    services: list[tuple[str, Service[object]]] = [
        (plugin, service) for plugin, given in _each(contributions, "services") for service in given
    ]
    contracts: list[tuple[str, LocalContract]] = [
        (plugin, contract) for plugin, given in _each(contributions, "local_contracts") for contract in given
    ]
    problems = [
        *ownership.problems,
        *names.problems,
        *(
            f"{plugin!r} declares the entity {entity.plugin}.{entity.name}; an entity's plugin is the one that declares it"
            for plugin, entity in entities
            if entity.plugin != plugin
        ),
        *duplicate_services(services),
        *unknown_permissions(ownership, added, {p.name for _, p in permissions}),
    ]
    if problems:
        raise ConflictError(problems)

    config.scalar_map = {s.python_type: s.definition for _, s in scalars}
    enums = DerivedEnums(
        {ErrorCode: error_codes(ownership), PermissionName: {p.name: p.description for _, p in permissions}}
    )
    try:
        schema = ComposedSchema(
            query,
            Mutation if "Mutation" in added else None,
            Subscription if "Subscription" in added else None,
            types=(*CORE_TYPES, *types, *own_types, *enums.types),
            config=config,
            extensions=extensions,
            contributions=added,
            owners=ownership.types,
            enums=enums,
            budget=budget,
            statuses=registry.statuses,
            node_loaders={loader.prefix: loader for _, loader in loaders},
        )
    except Exception as error:
        raise ConflictError([f"the schema cannot be built: {error}"]) from error
    return Composition(
        schema=schema,
        manifests=registry.manifests,
        statuses=registry.statuses,
        services=_services(services),
        settings={c.plugin.name: c.plugin.settings for c in contributions if c.plugin.settings},
        permissions=permissions,
        entities=entities,
        local_contracts=contracts,
        type_owners=ownership.types,
        field_owners=ownership.fields,
    )


def _each(contributions: Sequence[Contribution], hook: str) -> list[tuple[str, Sequence[Any]]]:
    return [(c.plugin.name, c.given.get(hook, ())) for c in contributions]


def _sort_out(
    contributions: Sequence[Contribution], ownership: Ownership
) -> tuple[list[type], list[tuple[str, type]]]:
    """Tell the types plugins define, which are claimed, from the classes that extend another's."""
    own: list[type] = []
    extending: list[tuple[str, type]] = []
    for plugin, given in _each(contributions, "graphql"):
        for cls in given:
            if extended_type(cls) is not None:
                extending.append((plugin, cls))
                continue
            own.append(cls)
            _attributed(ownership, plugin, cls, partial(ownership.claim, plugin, cls))
    return own, extending


def _extensions(
    extending: Sequence[tuple[str, type]], ownership: Ownership
) -> dict[str, list[tuple[str, StrawberryField]]]:
    added: dict[str, list[tuple[str, StrawberryField]]] = {}
    for plugin, cls in extending:
        target = extended_type(cls) or ""
        if not isinstance(ownership.definition(target), StrawberryObjectDefinition):
            ownership.problems.append(
                f"{plugin!r} extends {target}, which no plugin here defines as an object type or interface"
            )
            continue
        for extension in get_object_definition(cls, strict=True).fields:
            where = f"{target}.{extension.python_name}"
            _attributed(
                ownership,
                plugin,
                where,
                partial(ownership.claim_field_types, plugin, extension),
            )
            if not isinstance(extension.type, StrawberryOptional):
                ownership.problems.append(
                    f"{plugin!r}: {where} must be nullable, or one failure there nulls the whole {target}; "
                    "add `| None` to its type"
                )
            if ownership.add_field(plugin, target, extension):
                added.setdefault(target, []).append((plugin, extension))
    return added


def _attributed(ownership: Ownership, plugin: str, what: object, claim: Callable[[], None]) -> None:
    try:
        claim()
    except Exception as error:
        ownership.problems.append(f"{plugin!r}: {what} cannot be read: {error}")


def _services(given: Sequence[tuple[str, Service[object]]]) -> Services:
    providers: dict[object, list[tuple[str, object]]] = {}
    for plugin, service in given:
        providers.setdefault(service.protocol, []).append((plugin, service.implementation))
    return Services(providers)
