"""Each role may do what its function's code does, which is recorded, and what AWS itself does as that role."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Set
from contextlib import suppress
from typing import Final

import pytest

from colonnade.clock import SystemClock
from colonnade.conditions import absent
from colonnade.errors import ServiceUnavailable
from colonnade.queues import Message
from colonnade.store import Check, Delete, Item, Key, Put, Query, Update, Writes
from infra.connections import ConnectionSettings, GatewayConnections
from infra.dynamodb import DynamoDBSettings, DynamoDBStore
from infra.operator.kms import KmsSettings, KmsSigner
from infra.queues import QueueSettings, SqsQueue
from infra.secrets import ParameterSettings, ParameterStore
from tests.deployment.calls import (
    DELIVERIES,
    JOBS,
    KEY,
    PARAMETERS,
    SOCKETS,
    Permission,
    Recorder,
    recording,
)
from tests.deployment.template import FUNCTIONS, Template

PORTS: Final[Mapping[str, Set[str]]] = {
    "http": {"parameters", "store"},
    "websocket": {"parameters", "store", "sockets", "jobs"},
    "stream": {"parameters", "store", "sockets", "jobs", "deliveries"},
    "deliver": {"parameters", "store", "sockets", "jobs", "deliveries"},
    "jobs": {"parameters", "store", "sockets", "jobs", "operator"},
    "watch": {"parameters", "store"},
}
"""The ports that the code of each function reaches: `test_functions_call_only_their_ports` drives them."""

DATA: Final = "DataKey.Arn"
OUR_LOG: Final = "{}LogGroup.Arn"
FOR_AWS: Final[Mapping[str, Mapping[str, Set[Permission]]]] = {
    "every function's log is written by Lambda": {
        name: {
            (f"logs:{action}", OUR_LOG.format(name.capitalize()))
            for action in ("CreateLogStream", "PutLogEvents")
        }
        for name in FUNCTIONS
    },
    "DynamoDB asks KMS on behalf of whoever reads and writes": {
        name: {(f"kms:{action}", DATA) for action in ("Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey")}
        for name in FUNCTIONS
    },
    "SQS asks KMS on behalf of whoever sends and receives": {
        name: {("kms:Decrypt", DATA), ("kms:GenerateDataKey", DATA)}
        for name in ("websocket", "stream", "deliver", "jobs")
    },
    "Lambda reads the stream, and tells where it gave up": {
        "stream": {
            *(
                (f"dynamodb:{action}", "Table.StreamArn")
                for action in ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")
            ),
            ("sqs:SendMessage", "StreamDeadLetters.Arn"),
        }
    },
    "Lambda empties the queues": {
        name: {
            (f"sqs:{action}", f"{queue}.Arn")
            for action in ("DeleteMessage", "GetQueueAttributes", "ReceiveMessage")
        }
        for name, queue in (("deliver", "DeliveriesQueue"), ("jobs", "JobsQueue"))
    },
    "SSM asks KMS, where a key of the operator's own encrypts the parameters": {
        name: {
            (
                "kms:Decrypt",
                "arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            )
        }
        for name in FUNCTIONS
    },
}
"""What a role allows that no code of ours asks for, and why."""

Asked = Mapping[str, Set[Permission]]


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recorder]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with recording(monkeypatch) as recorder:
        yield recorder


@pytest.fixture
def asked(recorder: Recorder, dynamodb: DynamoDBSettings) -> Asked:
    """What each port asks of AWS when everything is done that it can do."""
    calls: Mapping[str, Callable[[], Awaitable[None]]] = {
        "parameters": _read_parameters,
        "store": lambda: _use_store(DynamoDBStore(dynamodb, SystemClock())),
        "sockets": _use_sockets,
        "jobs": lambda: SqsQueue(QueueSettings(JOBS)).send([Message({})]),
        "deliveries": lambda: SqsQueue(QueueSettings(DELIVERIES)).send([Message({}, group="a")]),
        "operator": _sign,
    }
    found: dict[str, Set[Permission]] = {}
    for port, call in calls.items():
        asyncio.run(call())  # type: ignore[arg-type]
        found[port] = recorder.take()
    return found


def allowed(template: Template, function: str) -> set[Permission]:
    return {
        (action, resource)
        for statement in template.statements(f"{function.capitalize()}Role")
        for action in statement.actions
        for resource in statement.resources
    }


def test_each_role_allows_what_its_function_asks_for_and_nothing_else(
    asked: Asked, everything: Template
) -> None:
    for function in FUNCTIONS:
        own = {permission for port in PORTS[function] for permission in asked[port]}
        for_aws = {permission for by in FOR_AWS.values() for permission in by.get(function, set())}
        assert allowed(everything, function) == own | for_aws, function


def test_without_options_a_role_allows_less(plain: Template, everything: Template) -> None:
    for function in FUNCTIONS:
        less = {(action, resource.replace("/dev", "/prod")) for action, resource in allowed(plain, function)}
        assert less < allowed(everything, function)
    assert not [
        action for function in FUNCTIONS for action, _ in allowed(plain, function) if action == "kms:Sign"
    ]


def test_no_role_allows_every_action_or_everything(template: Template) -> None:
    for role in template.of_type("AWS::IAM::Role"):
        if role == "ApiGatewayLogsRole":  # AWS's own policy for writing logs
            continue
        for statement in template.statements(role):
            assert not [action for action in statement.actions if "*" in action], role
            assert "*" not in statement.resources, role


def test_a_key_is_used_only_by_way_of_the_service_that_asks(template: Template) -> None:
    for function in FUNCTIONS:
        for statement in template.statements(f"{function.capitalize()}Role"):
            if any(action.startswith("kms:") for action in statement.actions) and DATA in statement.resources:
                [service] = statement.condition["StringEquals"].values()
                assert service["Fn::Sub"].partition(".")[0] in {"dynamodb", "sqs"}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_only_lambda_takes_the_role_of_a_function(function: str, template: Template) -> None:
    role = template.of_type("AWS::IAM::Role")[f"{function.capitalize()}Role"]
    [trusted] = role["AssumeRolePolicyDocument"]["Statement"]
    assert trusted["Principal"] == {"Service": "lambda.amazonaws.com"}
    assert "ManagedPolicyArns" not in role


async def _read_parameters() -> None:
    ParameterStore(ParameterSettings(PARAMETERS)).read()


async def _use_store(store: DynamoDBStore) -> None:
    """Everything that the `Store` port can be asked for."""
    one, two, three = (Key("roles#Thing#1", name) for name in ("a", "b", "c"))
    await store.transact(Writes([Put(Item(one, {}, {"gsi1": Key("x", "y")}))]))
    await store.transact(Writes([Update(two, set={"n": 1})]))
    await store.transact(Writes([Delete(two)]))
    await store.transact(Writes([Check(three, absent()), Put(Item(two, {})), Update(one, set={"n": 1})]))
    await store.transact(Writes([Delete(two), Check(three, absent())]))
    await store.increment(one, "n")
    await store.get(one)
    await store.batch_get([one, two])
    await store.query(Query("roles#Thing#1"))
    await store.query(Query("x", index="gsi1"))
    store.close()


async def _use_sockets() -> None:
    connections = GatewayConnections(ConnectionSettings(SOCKETS))
    await connections.post("a", "{}")
    await connections.close("a")
    connections.shut_down()


async def _sign() -> None:
    signer = KmsSigner(KmsSettings(KEY, "us-east-1"))
    with suppress(ServiceUnavailable):  # the script's key is none
        await signer.address()
    with suppress(ServiceUnavailable):
        await signer._call("sign", {"KeyId": KEY})
    signer.close()
