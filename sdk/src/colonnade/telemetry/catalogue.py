"""Every metric that the platform tells of itself, with its unit and what its series are told apart by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Metric:
    """`dimensions`: each has few values: names out of the code, of ways in, plugins' handlers and projections."""

    name: str
    unit: str
    says: str
    dimensions: tuple[str, ...] = ()


METRICS: Final = (
    Metric("Requests", "Count", "Requests of each way in; a batch, and each operation of it.", ("way",)),
    Metric("RequestErrors", "Count", "Requests with an error, by whose it is: client or platform.", ("blame",)),
    Metric("Refusals", "Count", "Requests refused for what they would take: RATE_LIMITED, COST_LIMIT_EXCEEDED.", ("way",)),
    Metric("RequestDuration", "Milliseconds", "Time from a request to its answer.", ("way",)),
    Metric("RequestCpu", "Milliseconds", "CPU time of the process meanwhile.", ("way",)),
    Metric("RequestCost", "Count", "What operations were charged, as `extensions.cost` says it.", ("way",)),
    Metric("DeprecatedUses", "Count", "Operations that use what the schema deprecates.", ("coordinate",)),
    Metric("StoreRoundTrips", "Count", "Requests to the table, by the request that made them.", ("way",)),
    Metric("ChainRoundTrips", "Count", "Requests to endpoints of chains.", ("way",)),
    Metric("HttpRoundTrips", "Count", "Requests to strangers' servers, as webhooks are.", ("way",)),
    Metric("SocketRoundTrips", "Count", "Messages to clients, through the gateway.", ("way",)),
    Metric("QueueRoundTrips", "Count", "Batches put into queues.", ("way",)),
    Metric("ItemsFailed", "Count", "Messages and records of batches that come again.", ("way",)),
    Metric("ColdStarts", "Count", "Requests that were the first of their process."),
    Metric("EventNumberingLag", "Milliseconds", "From an event's recording until it has its number."),
    Metric("EventHandlingLag", "Milliseconds", "From an event's recording until a handler took it.", ("handler",)),
    Metric("EventDeliveryLag", "Milliseconds", "From an event's recording until all who follow were sent it."),
    Metric("EventsDead", "Count", "Events that a handler or a subscription's field could not take.", ("kind",)),
    Metric("IndexBlocksBehind", "Count", "Blocks from the last that a projection has to the head.", ("projection",)),
    Metric("RebuildBlocksBehind", "Count", "The same for rows that are being built anew.", ("projection",)),
    Metric("TasksDead", "Count", "Tasks that were given up."),
    Metric("JobsDead", "Count", "Messages of the queue of jobs that were given up and are no tasks."),
    Metric("WebhookAttemptsFailed", "Count", "Attempts at webhooks that the receiver did not take."),
    Metric("WebhookDeliveriesFailed", "Count", "Webhooks that were given up."),
    Metric("WebhookEndpointsDisabled", "Count", "Endpoints of webhooks that were disabled, as they fail."),
)  # fmt: skip
