"""Whether the queues are there, of the kind that they must be, and give up what fails too often."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from colonnade.diagnosis import Finding, fine, problem, warning
from infra.doctor.aws_faults import code_of, unanswered
from infra.queues import QueueSettings
from infra.queues.rules import MAX_ATTEMPTS
from infra.queues.sqs import connect
from infra.settings import DeploymentSettings

DELIVERY_SECONDS: Final = 60
JOB_SECONDS: Final = 90
"""How long the functions that work on the queues may take, as serverless.yml has it: nobody else is to have the message."""

_ABSENT: Final = frozenset({"NonExistentQueue", "QueueDoesNotExist"})
_PERMISSION: Final = "sqs:GetQueueAttributes"


def examine_queues(settings: DeploymentSettings) -> Iterator[Finding]:
    """Both queues, each by its setting."""
    yield from _examine(
        "COLONNADE_DELIVERIES_QUEUE", settings.deliveries_queue, settings.region, True, DELIVERY_SECONDS
    )
    yield from _examine("COLONNADE_JOBS_QUEUE", settings.jobs_queue, settings.region, False, JOB_SECONDS)


def _examine(about: str, place: str | None, region: str, fifo: bool, seconds: int) -> Iterator[Finding]:
    if place is None:
        lost = "subscriptions are delivered" if fifo else "jobs are done"
        yield warning(about, f"is not set, so no {lost}", "name the queue, as the stack's outputs do")
        return
    if not place.startswith(("http://", "https://")):
        yield fine(about, "is a file on this machine")
        return
    try:
        client = connect(QueueSettings(place, region=region))
    except BotoCoreError as error:
        yield unanswered(about, error, _PERMISSION)
        return
    try:
        attributes = client.get_queue_attributes(QueueUrl=place, AttributeNames=["All"])["Attributes"]
        found = [*_kind(about, attributes, fifo, seconds), *_dead_letters(about, attributes, client)]
    except (BotoCoreError, ClientError) as error:
        if code_of(error) in _ABSENT:
            yield problem(about, f"names no queue of {region}", "deploy the stack, or correct the URL")
        else:
            yield unanswered(about, error, _PERMISSION)
        return
    finally:
        client.close()
    kind = "first-in-first-out queue" if fifo else "queue"
    yield from found or [fine(about, f"is a {kind} that gives up after {MAX_ATTEMPTS} attempts")]


def _kind(about: str, attributes: Mapping[str, str], fifo: bool, seconds: int) -> Iterator[Finding]:
    if (attributes.get("FifoQueue") == "true") != fifo:
        wanted = "is first-in-first-out, as deliveries are in order" if fifo else "is an ordinary queue"
        yield problem(about, f"is of the wrong kind: this one {wanted}", "correct the URL")
    visible = int(attributes.get("VisibilityTimeout", "0"))
    if visible < seconds:
        yield problem(
            about,
            f"brings a message again after {visible} seconds, while a function may still work on it",
            f"set its VisibilityTimeout to {seconds} or more",
        )


def _dead_letters(about: str, attributes: Mapping[str, str], client: Any) -> Iterator[Finding]:
    try:
        policy = json.loads(attributes.get("RedrivePolicy", "{}"))
        target, attempts = str(policy.get("deadLetterTargetArn", "")), int(policy.get("maxReceiveCount", 0))
    except (ValueError, AttributeError):
        target, attempts = "", 0
    remedy = f"give it a RedrivePolicy with a dead-letter queue and maxReceiveCount {MAX_ATTEMPTS}"
    if not target:
        yield problem(about, "keeps nothing of what fails too often", remedy)
        return
    if attempts != MAX_ATTEMPTS:
        yield problem(about, f"gives up after {attempts} attempts, not {MAX_ATTEMPTS}", remedy)
    try:
        client.get_queue_url(QueueName=target.rpartition(":")[2])
    except ClientError as error:
        if code_of(error) not in _ABSENT:
            raise
        yield problem(about, "has a dead-letter queue that is not there", remedy)
