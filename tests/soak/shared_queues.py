"""Queues that the processes of a soak share: files, or SQS; and who works on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from colonnade.queues import Queues
from infra.local.queues import LocalQueue
from infra.local.workers import Handler, QueueWorker
from infra.queues import QueueSettings, SqsQueue
from infra.queues.sqs import connect
from tests.soak.plan import Plan

DELIVERERS: Final = 3
JOB_WORKERS: Final = 2
_DELIVERIES: Final = "deliveries.fifo"
_JOBS: Final = "jobs"


def queues_of(plan: Plan) -> Queues:
    """Both queues, as the processes that send to them have them."""
    if plan.queues != "file":
        return Queues(SqsQueue(_settings(plan, _DELIVERIES)), SqsQueue(_settings(plan, _JOBS)))
    return Queues(
        LocalQueue("deliveries", fifo=True, file=plan.state / "deliveries", hidden=plan.size.hidden),
        LocalQueue("jobs", fifo=False, file=plan.state / "jobs", hidden=plan.size.hidden),
    )


def workers_of(plan: Plan, queues: Queues, deliver: Handler, jobs: Handler) -> Sequence[Callable[[], float]]:
    """The steps of all workers of one process."""
    work: list[Callable[[], float]] = []
    for queue, name, handler, batch, workers in (
        (queues.deliveries, _DELIVERIES, deliver, 10, DELIVERERS),
        (queues.jobs, _JOBS, jobs, 1, JOB_WORKERS),
    ):
        for _ in range(workers):
            if isinstance(queue, LocalQueue):
                work.append(QueueWorker(queue, handler, batch).step)
            else:
                work.append(_SqsWorker(_settings(plan, name), handler, batch, plan.size.hidden).step)
    return work


def create_queues(endpoint: str, prefix: str) -> None:
    """Make both queues at an SQS endpoint. They give nothing up: a busy machine needs more than five attempts."""
    client = connect(_at(endpoint, ""))
    for name in (_DELIVERIES, _JOBS):
        fifo = {"FifoQueue": "true"} if name.endswith(".fifo") else {}
        client.create_queue(QueueName=f"{prefix}-{name}", Attributes=fifo)
    client.close()


class _SqsWorker:
    """What Lambda does for an SQS queue: hand its messages to a handler, and delete those that it has done."""

    def __init__(self, settings: QueueSettings, handler: Handler, batch: int, hidden: int) -> None:
        self._url = settings.url
        self._client = connect(settings)
        self._handler = handler
        self._batch = batch
        self._hidden = hidden

    def step(self) -> float:
        """One batch, if there is one."""
        answer = self._client.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=self._batch,
            VisibilityTimeout=self._hidden,
            AttributeNames=["All"],
        )
        taken = answer.get("Messages", [])
        if not taken:
            return 0.1
        told = self._handler({"Records": [_record(message) for message in taken]}, None)
        failed = {failure["itemIdentifier"] for failure in told["batchItemFailures"]}
        for message in taken:
            if message["MessageId"] not in failed:
                self._client.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
        return 0.0


def _record(message: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message.get("Attributes", {}),
        "eventSource": "aws:sqs",
    }


def _settings(plan: Plan, name: str) -> QueueSettings:
    return _at(plan.queues, f"{plan.queues}/123456789012/{plan.table}-{name}")


def _at(endpoint: str, url: str) -> QueueSettings:
    return QueueSettings(url, endpoint_url=endpoint, access_key="test", secret_key="test", read_timeout=30.0)
