"""What SQS does on a bad day, which moto never does, on a scripted client."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from colonnade.errors import QueueUnavailable
from colonnade.queues import Message
from infra.queues import QueueSettings, SqsQueue, UnnamedQueue, queue_at, sqs

FIFO = "https://sqs.us-east-1.amazonaws.com/1/one.fifo"


class ScriptedClient:
    """Answers as it is told; `sent`: the bodies of each batch."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.sent: list[list[str]] = []

    def send_message_batch(self, QueueUrl: str, Entries: Sequence[dict[str, Any]]) -> Any:
        self.sent.append([entry["MessageBody"] for entry in Entries])
        answer = self.answers.pop(0) if self.answers else {}
        if isinstance(answer, Exception):
            raise answer
        return answer

    def close(self) -> None:
        pass


def fails(code: str, status: int) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": ""}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "SendMessageBatch")


def refused(*ids: str, sender: bool = False) -> dict[str, Any]:
    return {"Failed": [{"Id": i, "Code": "InternalError", "SenderFault": sender} for i in ids]}


async def send(monkeypatch: pytest.MonkeyPatch, client: ScriptedClient, *messages: Message) -> None:
    monkeypatch.setattr(sqs, "connect", lambda settings: client)
    queue = SqsQueue(QueueSettings(FIFO, first_pause=0.0, attempts=3))
    try:
        await queue.send(messages)
    finally:
        queue.close()


def of(group: str, number: int) -> Message:
    return Message({"n": number}, group=group)


async def test_only_what_was_refused_is_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    client = ScriptedClient(refused("1"))

    await send(monkeypatch, client, of("a", 1), of("b", 2), of("c", 3))

    assert client.sent == [['{"n":1}', '{"n":2}', '{"n":3}'], ['{"n":2}']]


async def test_a_message_that_is_taken_late_is_not_overtaken_by_its_group(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = ScriptedClient(refused("0"))

    await send(monkeypatch, client, of("a", 1), of("a", 2), of("b", 3))

    assert client.sent == [['{"n":1}', '{"n":3}'], ['{"n":1}'], ['{"n":2}']]


@pytest.mark.parametrize(
    "weather",
    [
        fails("ThrottlingException", 400),
        fails("RequestThrottled", 403),
        fails("InternalFailure", 500),
        fails("ServiceUnavailable", 503),
        EndpointConnectionError(endpoint_url=FIFO),
    ],
)
async def test_bad_weather_is_waited_out(monkeypatch: pytest.MonkeyPatch, weather: Exception) -> None:
    client = ScriptedClient(weather, weather)

    await send(monkeypatch, client, of("a", 1))

    assert client.sent == [['{"n":1}']] * 3


async def test_weather_that_lasts_makes_the_queue_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    client = ScriptedClient(*[refused("0")] * 9)

    with pytest.raises(QueueUnavailable, match="did not take 1 of 2 messages: InternalError"):
        await send(monkeypatch, client, of("a", 1), of("b", 2))

    assert len(client.sent) == 3


@pytest.mark.parametrize(
    "answer",
    [
        refused("0", sender=True),
        fails("AWS.SimpleQueueService.NonExistentQueue", 400),
        fails("AccessDenied", 403),
    ],
)
async def test_what_sending_again_cannot_mend_is_not_sent_again(
    monkeypatch: pytest.MonkeyPatch, answer: Any
) -> None:
    client = ScriptedClient(answer)

    with pytest.raises(QueueUnavailable):
        await send(monkeypatch, client, of("a", 1))

    assert len(client.sent) == 1


async def test_a_queue_that_no_setting_names_says_which_one_would() -> None:
    queue = queue_at(None, "COLONNADE_JOBS_QUEUE", "us-east-1", fifo=False)

    assert isinstance(queue, UnnamedQueue)
    with pytest.raises(QueueUnavailable, match="COLONNADE_JOBS_QUEUE is not set"):
        await queue.send([of("a", 1)])
