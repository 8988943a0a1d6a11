"""Actions: prepared by any plugin, signed by the user, verified on chain.

| what happens | here |
|---|---|
| a plugin prepares one | `preparing` (the service `Actions`) → `storage` |
| `action`, `node`, `actionUpdated` | `queries`, `live_updates` ← `loading` |
| `confirmAction` with a hash | `confirming` ← `finding` (where it is), `executions` (what the account did there), `proving` (whether that is it) |
| `confirmAction` with a signature | `confirming` ← `signing` |
| `cancelAction`, and time running out | `expiring` |
| its owner's servers are told | `told` |
| a chain has a new head | `following` ← `sightings` (what the chain shows), `tracing` (what becomes of each) |

`transitions` is how an action changes, and pure; `changes` commits that with its event, its claims and its value.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from colonnade.actions.action_events import ActionUpdated
from colonnade.actions.expiring import expire
from colonnade.actions.following import follow
from colonnade.actions.live_updates import action_updated
from colonnade.actions.loading import load_actions
from colonnade.actions.migrations import MIGRATIONS
from colonnade.actions.mutations import ActionMutations
from colonnade.actions.personal_data import ACTION_ID, PERSONAL_DATA
from colonnade.actions.preparing import PreparedActions
from colonnade.actions.queries import ActionQueries
from colonnade.actions.records import Actions
from colonnade.actions.settings import ActionsSettings
from colonnade.actions.storage import ACTION, CLAIM, PAST_ACTION, PLUGIN
from colonnade.actions.told import ACTION_WEBHOOKS
from colonnade.actions.types import (
    PreparedAction,
    SendCallsStep,
    SignBytesStep,
    SignMessageStep,
    SignTypedDataStep,
)
from colonnade.core_events import ChainHeadMoved
from colonnade.entities import Entity
from colonnade.events import EventHandler, EventType
from colonnade.jobs import Job
from colonnade.migrations import Migration
from colonnade.nodes import NodeLoader
from colonnade.personal_data import PersonalDataDeclaration
from colonnade.plugin import Plugin, hookimpl
from colonnade.services import Service
from colonnade.subscriptions import SubscriptionField
from colonnade.webhooks.declaration import WebhookType

plugin = Plugin(PLUGIN, sdk=">=1.0,<2", version="0.1.0", settings=ActionsSettings)


@hookimpl
def graphql() -> Sequence[type | SubscriptionField]:
    steps = (SendCallsStep, SignTypedDataStep, SignMessageStep, SignBytesStep)
    return [ActionQueries, ActionMutations, action_updated, *steps]


@hookimpl
def nodes() -> Sequence[NodeLoader]:
    return [NodeLoader("act", PreparedAction, load_actions)]


@hookimpl
def entities() -> Sequence[Entity]:
    return [ACTION, CLAIM, PAST_ACTION]


@hookimpl
def personal_data() -> Sequence[PersonalDataDeclaration]:
    return PERSONAL_DATA


@hookimpl
def migrations() -> Sequence[Migration]:
    return MIGRATIONS


@hookimpl
def services() -> Sequence[Service[object]]:
    return [Service(Actions, PreparedActions())]


@hookimpl
def event_types() -> Sequence[EventType]:
    return [EventType(ActionUpdated, "An action was prepared, or changed.", about=ACTION_ID)]


@hookimpl
def webhooks() -> Sequence[WebhookType]:
    return ACTION_WEBHOOKS


@hookimpl
def event_handlers() -> Sequence[EventHandler]:
    return [EventHandler("actions.follow", ChainHeadMoved, follow)]


@hookimpl
def jobs() -> Sequence[Job]:
    return [Job("actions.expire", expire, every=timedelta(minutes=1))]
