"""Actions: prepared by any plugin, signed by the user, verified on chain.

| what a client does | here |
|---|---|
| `action`, `node` | `queries`, `loading` ← `storage` |
"""

from __future__ import annotations

from collections.abc import Sequence

from colonnade.actions.action_events import ActionUpdated
from colonnade.actions.loading import load_actions
from colonnade.actions.preparing import PreparedActions
from colonnade.actions.queries import ActionQueries
from colonnade.actions.records import Actions
from colonnade.actions.settings import ActionsSettings
from colonnade.actions.storage import ACTION, CLAIM, PLUGIN
from colonnade.actions.types import (
    PreparedAction,
    SendCallsStep,
    SignBytesStep,
    SignMessageStep,
    SignTypedDataStep,
)
from colonnade.entities import Entity
from colonnade.events import EventType
from colonnade.nodes import NodeLoader
from colonnade.plugin import Plugin, hookimpl
from colonnade.services import Service

plugin = Plugin(PLUGIN, sdk=">=1.0,<2", version="0.1.0", settings=ActionsSettings)


@hookimpl
def graphql() -> Sequence[type]:
    return [ActionQueries, SendCallsStep, SignTypedDataStep, SignMessageStep, SignBytesStep]


@hookimpl
def nodes() -> Sequence[NodeLoader]:
    return [NodeLoader("act", PreparedAction, load_actions)]


@hookimpl
def entities() -> Sequence[Entity]:
    return [ACTION, CLAIM]


@hookimpl
def services() -> Sequence[Service[object]]:
    return [Service(Actions, PreparedActions())]


@hookimpl
def event_types() -> Sequence[EventType]:
    return [EventType(ActionUpdated, "An action was prepared, or changed.")]
