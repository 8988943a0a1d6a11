"""Every way a plugin can take part: the table of contents of the contract.

A hook is a plain function, marked `@hookimpl`, in the module that declares `plugin = Plugin(...)`. It is called
once, at composition, does no I/O, and returns immutable descriptors. A plugin that raises in any hook
contributes nothing at all.
"""

from __future__ import annotations

from collections.abc import Sequence

from colonnade.actions.kinds import ActionKind
from colonnade.authentication import Authenticator
from colonnade.chain_logs import ChainLogs
from colonnade.entities import Entity
from colonnade.events import EventHandler, EventType
from colonnade.health import HealthCheck
from colonnade.inbound.declaration import InboundWebhook
from colonnade.jobs import Job
from colonnade.local_contracts import LocalContract
from colonnade.migrations import Migration
from colonnade.nodes import NodeLoader
from colonnade.permissions import Permission
from colonnade.personal_data import PersonalDataDeclaration
from colonnade.plugin import hookspec
from colonnade.routes import Route
from colonnade.scalars import Scalar
from colonnade.services import Service
from colonnade.subscriptions.declaration import SubscriptionField
from colonnade.webhooks.declaration import WebhookType


@hookspec
def graphql() -> Sequence[type | SubscriptionField]:  # type: ignore[empty-body]
    """What the schema gains: object types, interfaces, inputs, enums, `@extend` classes, and subscriptions."""


@hookspec
def scalars() -> Sequence[Scalar]:  # type: ignore[empty-body]
    """Scalars the plugin adds to those of the SDK."""


@hookspec
def nodes() -> Sequence[NodeLoader]:  # type: ignore[empty-body]
    """How `Query.node` finds this plugin's objects: one loader for each id prefix."""


@hookspec
def permissions() -> Sequence[Permission]:  # type: ignore[empty-body]
    """Permissions that this plugin's fields require, and to whom they are granted.

    They become values of the `Permission` enum.
    """


@hookspec
def entities() -> Sequence[Entity]:  # type: ignore[empty-body]
    """What the plugin keeps in the store: keys, secondary keys, expiry, and the access patterns they serve."""


@hookspec
def personal_data() -> Sequence[PersonalDataDeclaration]:  # type: ignore[empty-body]
    """Whose personal data the plugin's entities hold: how an account's rows are found by key, what of them the account
    is handed, and what erasing it does. Each entity is declared, also one that holds none.
    """


@hookspec
def migrations() -> Sequence[Migration]:  # type: ignore[empty-body]
    """Changes of rows that earlier versions of the plugin wrote; `colonnade migrate` carries them out."""


@hookspec
def services() -> Sequence[Service[object]]:  # type: ignore[empty-body]
    """Protocols of the SDK that this plugin provides to others."""


@hookspec
def local_contracts() -> Sequence[LocalContract]:  # type: ignore[empty-body]
    """Contracts the local chain must hold for this plugin: bytecode from npm at its real address."""


@hookspec
def event_types() -> Sequence[EventType]:  # type: ignore[empty-body]
    """Events that the plugin records."""


@hookspec
def event_handlers() -> Sequence[EventHandler]:  # type: ignore[empty-body]
    """What the plugin does after events, its own or others'."""


@hookspec
def webhooks() -> Sequence[WebhookType]:  # type: ignore[empty-body]
    """What third parties may be told of the plugin's events, and with which words: webhooks that owners of endpoints choose."""


@hookspec
def chain_logs() -> Sequence[ChainLogs]:  # type: ignore[empty-body]
    """Logs of a chain that the plugin keeps something of: the log indexer reads them for all plugins at once."""


@hookspec
def action_kinds() -> Sequence[ActionKind]:  # type: ignore[empty-body]
    """Kinds of action that the plugin prepares for users to sign, each with its verifier."""


@hookspec
def jobs() -> Sequence[Job]:  # type: ignore[empty-body]
    """What the plugin does on a schedule or from the queue."""


@hookspec
def routes() -> Sequence[Route]:  # type: ignore[empty-body]
    """HTTP addresses beside GraphQL that the plugin answers."""


@hookspec
def inbound_webhooks() -> Sequence[InboundWebhook]:  # type: ignore[empty-body]
    """Addresses at which providers tell the plugin something: verified, stored, and processed once afterwards."""


@hookspec
def authenticators() -> Sequence[Authenticator]:  # type: ignore[empty-body]
    """How the plugin recognises callers by their credentials; the first that knows a kind decides."""


@hookspec
def health() -> Sequence[HealthCheck]:  # type: ignore[empty-body]
    """What the plugin stands on, and how it is: checks that `GET /health/deep` makes, each in its time."""
