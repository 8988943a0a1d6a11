"""What stands behind the ports, as a deployment's settings choose it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from colonnade.chains import Chains
from colonnade.clock import SystemClock
from colonnade.connections import Connections
from colonnade.context import Clock, Ids
from colonnade.ids import UlidIds
from colonnade.operator import Operator
from colonnade.queues import Queues
from colonnade.store import Store
from colonnade.telemetry.measures import NO_MEASURES, Measures
from colonnade.telemetry.record import Observer
from infra.connections import NoConnections, connections_at
from infra.dynamodb import DynamoDBSettings, DynamoDBStore
from infra.http import OutboundHttp
from infra.metrics import EmbeddedMetrics
from infra.queues import queue_at
from infra.rpc import ChainSettings, JsonRpcChains
from infra.settings import DeploymentSettings

if TYPE_CHECKING:
    from colonnade.outbound import Http


@dataclass(frozen=True, slots=True)
class Adapters:
    """What stands behind the ports."""

    store: Store
    chains: Chains
    clock: Clock
    ids: Ids
    queues: Queues
    connections: Connections = field(default_factory=NoConnections)
    operator: Operator | None = None
    http: Http = field(default_factory=OutboundHttp)
    measures: Measures = NO_MEASURES
    observer: Observer | None = None
    close: Callable[[], None] = lambda: None
    """Closes the connections to the database and the chains, for whoever has no further use for them but lives on."""


def adapters_of(settings: DeploymentSettings) -> Adapters:
    """The adapters that `settings` choose; opens no connection."""
    clock = SystemClock()
    if settings.dynamodb_endpoint:
        table = DynamoDBSettings.local(settings.dynamodb_endpoint, settings.table)
    else:
        table = DynamoDBSettings(settings.table, region=settings.region)
    chains = [ChainSettings(chain, urls) for chain, urls in settings.endpoints().items()]
    queues = Queues(
        deliveries=queue_at(
            settings.deliveries_queue, "COLONNADE_DELIVERIES_QUEUE", settings.region, fifo=True
        ),
        jobs=queue_at(settings.jobs_queue, "COLONNADE_JOBS_QUEUE", settings.region, fifo=False),
    )
    connections = connections_at(settings.websocket_endpoint, settings.region)
    store, connected = DynamoDBStore(table, clock), JsonRpcChains(chains)
    operator = _operator(settings, store, connected, clock)
    http = OutboundHttp(loopback=settings.outbound_loopback)
    measures = EmbeddedMetrics(settings.metrics_namespace) if settings.metrics_namespace else NO_MEASURES
    observer = _observer(settings)

    def close() -> None:
        connected.close()
        store.close()

    return Adapters(
        store,
        connected,
        clock,
        UlidIds(clock),
        queues,
        connections,
        operator,
        http,
        measures,
        observer,
        close,
    )


def _observer(settings: DeploymentSettings) -> Observer | None:
    if settings.traces_endpoint is None:
        return None
    from infra.traces import Traces, exporter_to  # noqa: PLC0415 - large, and off in most deployments

    headers = dict(entry.split("=", 1) for entry in settings.traces_headers)
    service = settings.metrics_namespace or "colonnade"
    return Traces(exporter_to(settings.traces_endpoint, headers), service, settings.traces_ratio)


def _operator(
    settings: DeploymentSettings, store: Store, chains: JsonRpcChains, clock: Clock
) -> Operator | None:
    allowed = settings.operator()
    if allowed is None:
        return None
    from infra.operator import account_operator, file_signer, kms_signer  # noqa: PLC0415 - off in most deployments

    if settings.operator_key_file:
        signer = file_signer(settings.operator_key_file)
    else:
        signer = kms_signer(settings.operator_kms_key or "", settings.region)
    return account_operator(allowed, signer, store, clock, chains)
