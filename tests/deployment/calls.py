"""Calls of AWS, recorded where botocore makes them, as the permissions that IAM asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import pytest
from botocore.client import BaseClient

from infra.dynamodb.reading import Reads

Permission: TypeAlias = tuple[str, str]
"""An action, and what it is done to, as `Template.statements` spells it."""

DELIVERIES: Final = "https://sqs.us-east-1.amazonaws.com/1/deliveries.fifo"
JOBS: Final = "https://sqs.us-east-1.amazonaws.com/1/jobs"
SOCKETS: Final = "https://a1b2.execute-api.us-east-1.amazonaws.com/prod"
KEY: Final = "arn:aws:kms:us-east-1:1:key/1"
PARAMETERS: Final = "/colonnade/prod"

_QUEUES: Final = {DELIVERIES: "DeliveriesQueue.Arn", JOBS: "JobsQueue.Arn"}
_ARN: Final = "arn:${AWS::Partition}:%s:${AWS::Region}:${AWS::AccountId}:%s"
_SOCKETS: Final = _ARN % ("execute-api", "${WebsocketsApi}/prod/%s/@connections/*")
_WRITES: Final = {
    "Put": "dynamodb:PutItem",
    "Update": "dynamodb:UpdateItem",
    "Delete": "dynamodb:DeleteItem",
    "ConditionCheck": "dynamodb:ConditionCheckItem",
}


@dataclass
class Recorder:
    """`asked`: the permissions that the calls needed so far."""

    asked: set[Permission] = field(default_factory=set)

    def take(self) -> set[Permission]:
        """What was asked since the last time."""
        taken, self.asked = self.asked, set()
        return taken


@contextmanager
def recording(patch: pytest.MonkeyPatch) -> Iterator[Recorder]:
    """Within the block calls are recorded; a database on this machine answers, all else by a script."""
    recorder = Recorder()
    really: Any = vars(BaseClient)["_make_api_call"]

    def call(client: Any, operation: str, request: Mapping[str, Any]) -> Any:
        service = client.meta.service_model.service_name
        recorder.asked |= _needed(service, operation, request)
        if service == "dynamodb":
            return really(client, operation, request)
        return _scripted(operation, request)

    reads = Reads.__call__

    def read(self: Reads, method: str, request: Mapping[str, Any]) -> dict[str, Any] | None:
        # The short way does not pass botocore's calls.
        recorder.asked |= _needed("dynamodb", "".join(map(str.title, method.split("_"))), request)
        return reads(self, method, request)

    with patch.context() as within:
        within.setattr(BaseClient, "_make_api_call", call)
        within.setattr(Reads, "__call__", read)
        yield recorder


def _needed(service: str, operation: str, request: Mapping[str, Any]) -> set[Permission]:
    match service, operation:
        case "dynamodb", "TransactWriteItems":
            return {(_WRITES[kind], "Table.Arn") for item in request["TransactItems"] for kind in item}
        case "dynamodb", _:
            place = "${Table.Arn}/index/*" if "IndexName" in request else "Table.Arn"
            return {(f"dynamodb:{operation}", place)}
        case "sqs", "SendMessageBatch":
            return {("sqs:SendMessage", _QUEUES[request["QueueUrl"]])}
        case "apigatewaymanagementapi", "PostToConnection":
            return {("execute-api:ManageConnections", _SOCKETS % "POST")}
        case "apigatewaymanagementapi", "DeleteConnection":
            return {("execute-api:ManageConnections", _SOCKETS % "DELETE")}
        case "kms", _:
            assert request["KeyId"] == KEY
            return {(f"kms:{operation}", "OperatorKey.Arn")}
        case "ssm", _:
            return {(f"ssm:{operation}", _ARN % ("ssm", f"parameter{request['Path']}"))}
        case _:
            raise AssertionError(f"{service} is asked for {operation}, which no port needs")


def _scripted(operation: str, request: Mapping[str, Any]) -> Mapping[str, Any]:
    if operation == "SendMessageBatch":
        return {"Successful": [{"Id": entry["Id"]} for entry in request["Entries"]]}
    if operation == "GetParametersByPath":
        return {"Parameters": [{"Name": f"{PARAMETERS}/A", "Value": "1", "Type": "String"}]}
    return {"PublicKey": b"", "Signature": b""}
