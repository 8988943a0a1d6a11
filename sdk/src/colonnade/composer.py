"""Many plugins, one schema: everything they contribute is checked together, then composed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import strawberry
from strawberry.schema.config import StrawberryConfig

from colonnade.actions.kinds import ActionKind, ActionKinds
from colonnade.authentication import Authenticator
from colonnade.blocks import Block
from colonnade.boundary import bounded_loader
from colonnade.chain_logs import ChainLogs
from colonnade.conflicts import (
    Names,
    duplicate_services,
    error_codes,
    names_of_the_platform,
    shared_python_types,
    shared_settings,
    unheard_events,
    unknown_permissions,
    unknown_webhook_permissions,
)
from colonnade.contributed import added_fields, own_and_extending
from colonnade.core_entities import CORE_ENTITIES
from colonnade.core_events import CORE_EVENTS
from colonnade.derived import ActionKindName, DerivedEnums, ErrorCode, PermissionName
from colonnade.entities import Entity
from colonnade.errors import ConflictError, message_of
from colonnade.events import EventHandler, EventType
from colonnade.grants import Grants
from colonnade.health import HealthCheck
from colonnade.jobs import Job
from colonnade.kept_data import KeptData
from colonnade.local_contracts import LocalContract
from colonnade.migrations import Migration
from colonnade.money import Money
from colonnade.ownership import CORE, Ownership
from colonnade.permissions import CORE_PERMISSIONS, Permission
from colonnade.personal_data import PersonalDataDeclaration
from colonnade.plugin import Plugin
from colonnade.registry import Contribution, PluginStatus, Registry
from colonnade.relay import Node, PageInfo
from colonnade.results import IdempotencyConflict, IdempotencyInProgress, UserError, ValidationFailed
from colonnade.routes import Route
from colonnade.scalars import SCALARS
from colonnade.schema import ComposedSchema
from colonnade.services import Service, Services
from colonnade.subscriptions.occurrences import UpdateKind
from colonnade.tokens import Token, TokenAmount
from colonnade.viewer import Viewer
from colonnade.webhooks.declaration import Webhooks, WebhookTypes, webhook_handlers

CORE_TYPES: Final[tuple[type, ...]] = (
    Node,
    UserError,
    ValidationFailed,
    IdempotencyConflict,
    IdempotencyInProgress,
    Token,
    TokenAmount,
    Viewer,
)
"""Types every schema holds, so that plugins can extend them and rely on their names."""

MENTIONED_TYPES: Final[tuple[type, ...]] = (PageInfo, Money, Block, UpdateKind)
"""Types of the SDK that a schema holds where a field mentions them; their names are taken all the same."""

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
    personal_data: Sequence[tuple[str, PersonalDataDeclaration]]
    migrations: Sequence[tuple[str, Migration]]
    local_contracts: Sequence[tuple[str, LocalContract]]
    event_types: Sequence[tuple[str, EventType]]
    event_handlers: Sequence[tuple[str, EventHandler]]
    chain_logs: Sequence[tuple[str, ChainLogs]]
    action_kinds: Sequence[tuple[str, ActionKind]]
    jobs: Sequence[tuple[str, Job]]
    routes: Sequence[tuple[str, Route]]
    authenticators: Sequence[tuple[str, Authenticator]]
    health: Sequence[tuple[str, HealthCheck]]
    type_owners: Mapping[str, str] = field(repr=False)
    field_owners: Mapping[tuple[str, str], str] = field(repr=False)


def compose(
    registry: Registry,
    query: type,
    *,
    types: Sequence[type] = (),
    budget: float = DEFAULT_BUDGET,
) -> Composition:
    """Compose the registry's plugins around the root `query`.

    `types`: further types the host brings. `budget`: seconds a contributed resolver may take. Raises
    `PluginError` for plugins that fail (in `"abort"` mode) and, in any mode, `ConflictError` with every contradiction.
    """
    contributions = registry.collect()
    config = StrawberryConfig()
    ownership = Ownership(config.name_converter)
    names = Names()
    scalars = names.distinct("scalar", [(CORE, SCALARS), *_each(contributions, "scalars")], lambda s: s.name)
    permissions = names.distinct(
        "permission", [(CORE, CORE_PERMISSIONS), *_each(contributions, "permissions")], lambda p: p.name
    )
    declared = {c.plugin.name: c.plugin.settings for c in contributions if c.plugin.settings}
    loaders = names.distinct("node id prefix", _each(contributions, "nodes"), lambda n: n.prefix)
    entities = names.distinct(
        "entity", [(CORE, CORE_ENTITIES), *_each(contributions, "entities")], lambda e: f"{e.plugin}.{e.name}"
    )
    migrations = names.distinct("migration", _each(contributions, "migrations"), lambda m: m.name)
    personal_data: list[tuple[str, PersonalDataDeclaration]] = [
        (plugin, data) for plugin, given in _each(contributions, "personal_data") for data in given
    ]
    event_types = names.distinct(
        "event", [(CORE, CORE_EVENTS), *_each(contributions, "event_types")], lambda e: e.name
    )
    event_handlers = names.distinct("event handler", _each(contributions, "event_handlers"), lambda h: h.name)
    chain_logs = names.distinct("chain log projection", _each(contributions, "chain_logs"), lambda p: p.name)
    action_kinds = names.distinct("action kind", _each(contributions, "action_kinds"), lambda k: k.name)
    inbound = names.distinct(
        "incoming webhook", _each(contributions, "inbound_webhooks"), lambda webhook: webhook.name
    )
    processing = [(plugin, [webhook.job()]) for plugin, webhook in inbound]
    jobs = names.distinct("job", [*_each(contributions, "jobs"), *processing], lambda j: j.name)
    webhooks = names.distinct("webhook", _each(contributions, "webhooks"), lambda w: w.name)
    receiving = [(plugin, [webhook.route()]) for plugin, webhook in inbound]
    routes = names.distinct(
        "route", [*_each(contributions, "routes"), *receiving], lambda r: f"{r.method} {r.path}"
    )
    authenticators = names.distinct("authenticator", _each(contributions, "authenticators"), lambda a: a.name)
    health = names.distinct("health check", _each(contributions, "health"), lambda check: check.name)
    services: list[tuple[str, Service[object]]] = [
        (plugin, service) for plugin, given in _each(contributions, "services") for service in given
    ]
    told = any(service.protocol is Webhooks for _, service in services)
    tells: Sequence[tuple[str, EventHandler]] = webhook_handlers(webhooks) if told else ()
    contracts: list[tuple[str, LocalContract]] = [
        (plugin, contract) for plugin, given in _each(contributions, "local_contracts") for contract in given
    ]
    for plugin, scalar in scalars:
        ownership.claim_scalar(plugin, scalar.name)
    for host_type in (query, Mutation, Subscription, *CORE_TYPES, *MENTIONED_TYPES, *types):
        ownership.claim(CORE, host_type)
    own_types, extending = own_and_extending(contributions, ownership)
    added = added_fields(extending, ownership)
    problems = [
        *ownership.problems,
        *names.problems,
        *shared_python_types(scalars),
        *shared_settings(declared),
        *(
            f"{plugin!r} declares the entity {entity.plugin}.{entity.name}; an entity's plugin is the one that declares it"
            for plugin, entity in entities
            if entity.plugin != plugin
        ),
        *duplicate_services(services),
        *names_of_the_platform("job", [(plugin, job.name) for plugin, job in jobs]),
        *names_of_the_platform("health check", [(plugin, check.name) for plugin, check in health]),
        *names_of_the_platform(
            "event handler", [(plugin, handler.name) for plugin, handler in event_handlers]
        ),
        *unheard_events(
            event_types, [*event_handlers, *webhook_handlers(webhooks)], _each(contributions, "graphql")
        ),
        *unknown_permissions(ownership, added, {p.name for _, p in permissions}),
        *unknown_webhook_permissions(webhooks, {p.name for _, p in permissions}),
    ]
    if problems:
        raise ConflictError(problems)

    config.scalar_map = {s.python_type: s.definition for _, s in scalars}
    enums = DerivedEnums(
        {
            ErrorCode: error_codes(ownership),
            PermissionName: {p.name: p.description for _, p in permissions},
            ActionKindName: {k.name: k.description for _, k in action_kinds},
        }
    )
    try:
        schema = ComposedSchema(
            query,
            Mutation if "Mutation" in added else None,
            Subscription if "Subscription" in added else None,
            types=(*CORE_TYPES, *types, *own_types, *enums.types),
            config=config,
            contributions=added,
            owners=ownership.types,
            enums=enums,
            budget=budget,
            statuses=registry.statuses,
            node_loaders={
                loader.prefix: bounded_loader(plugin, budget, loader) for plugin, loader in loaders
            },
        )
    except Exception as error:
        raise ConflictError([_unbuildable(message_of(error), ownership)]) from error
    return Composition(
        schema=schema,
        manifests=registry.manifests,
        statuses=registry.statuses,
        services=_services(
            [
                (CORE, Service(ActionKinds, ActionKinds(kind for _, kind in action_kinds))),
                (CORE, Service(Grants, Grants.declared(permission for _, permission in permissions))),
                (CORE, Service(KeptData, KeptData(entities, personal_data, event_types, migrations))),
                (CORE, Service(WebhookTypes, WebhookTypes.declared(webhook for _, webhook in webhooks))),
                *services,
            ]
        ),
        settings=declared,
        permissions=permissions,
        entities=entities,
        personal_data=personal_data,
        migrations=migrations,
        local_contracts=contracts,
        event_types=event_types,
        event_handlers=[*event_handlers, *tells],
        chain_logs=chain_logs,
        action_kinds=action_kinds,
        jobs=jobs,
        routes=routes,
        authenticators=authenticators,
        health=health,
        type_owners={n: owner for n, owner in ownership.types.items() if schema.get_type_by_name(n)},
        field_owners=ownership.fields,
    )


def _each(contributions: Sequence[Contribution], hook: str) -> list[tuple[str, Sequence[Any]]]:
    return [(c.plugin.name, c.given.get(hook, ())) for c in contributions]


def _unbuildable(message: str, ownership: Ownership) -> str:
    """What Strawberry or graphql-core says, and whose types it speaks of."""
    words = set(re.findall(r"\w+", message))
    mentioned = [
        f"{name} of {owner!r}" for name, owner in ownership.types.items() if name in words and owner != CORE
    ]
    return f"the schema cannot be built: {message}" + (f" (see {', '.join(mentioned)})" if mentioned else "")


def _services(given: Sequence[tuple[str, Service[object]]]) -> Services:
    providers: dict[object, list[tuple[str, object]]] = {}
    for plugin, service in given:
        providers.setdefault(service.protocol, []).append((plugin, service.implementation))
    return Services(providers)
