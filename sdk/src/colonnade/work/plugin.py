"""Long operations in the API; what is beneath them is the platform's (`colonnade.work.operations`)."""

from __future__ import annotations

from collections.abc import Sequence

from colonnade.nodes import NodeLoader
from colonnade.permissions import Permission
from colonnade.plugin import Plugin, hookimpl
from colonnade.subscriptions import SubscriptionField
from colonnade.work.graphql import (
    OPERATE,
    OperationMutations,
    OperationNode,
    OperationQueries,
    load_operations,
    operation_updated,
)

plugin = Plugin("work", sdk=">=1.0,<2", version="0.1.0")


@hookimpl
def graphql() -> Sequence[type | SubscriptionField]:
    return [OperationQueries, OperationMutations, operation_updated]


@hookimpl
def nodes() -> Sequence[NodeLoader]:
    return [NodeLoader("op", OperationNode, load_operations)]


@hookimpl
def permissions() -> Sequence[Permission]:
    return [OPERATE]
