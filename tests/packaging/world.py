"""What a packaged function finds around it: a database, queues, parameters, a chain, and a gateway's management API."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

from boto3.session import Session

from infra.dynamodb import DynamoDBSettings
from infra.local.moto_server import MotoServer

# moto keeps everything in this process: only it may make clients that are not told where to go.
REGION = "us-east-1"
KEYS = {"COLONNADE_CURSOR_KEY": "0123456789abcdef" * 2, "IDENTITY_SIGNING_KEYS": f"test:private:{'A' * 43}"}
CHAIN = 8453


@dataclass(frozen=True)
class World:
    """`environ`: what a function is told of it; `posted`: what was sent to each socket."""

    table: DynamoDBSettings
    deliveries: str
    jobs: str
    sqs: Any
    ssm: Any
    environ: Mapping[str, str]
    posted: dict[str, list[Any]] = field(default_factory=dict)

    def received(self, queue: str) -> Sequence[Mapping[str, Any]]:
        """What waits in a queue, as records of an event; they are taken out of it."""
        records: list[Mapping[str, Any]] = []
        while found := self.sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
            for message in found:
                self.sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
                records.append(record_of(message["Body"], message["MessageId"]))
        return records


def record_of(body: str, message_id: str = "", attempt: int = 1) -> Mapping[str, Any]:
    """One message as Lambda hands it to a function."""
    return {
        "messageId": message_id or uuid4().hex,
        "body": body,
        "attributes": {"ApproximateReceiveCount": str(attempt)},
        "eventSource": "aws:sqs",
    }


@contextmanager
def world(table: DynamoDBSettings, rpc: str) -> Iterator[World]:
    """All of it, with queues of its own."""
    posted: dict[str, list[Any]] = {}
    with MotoServer.start() as aws, _management(posted) as management:

        def client(service: str) -> Any:
            make: Any = Session().client
            keys = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
            return make(service, region_name=REGION, endpoint_url=aws.endpoint, **keys)

        sqs, ssm = client("sqs"), client("ssm")
        name = uuid4().hex
        deliveries = sqs.create_queue(QueueName=f"{name}.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
        jobs = sqs.create_queue(QueueName=name)["QueueUrl"]
        environ = {
            **KEYS,
            "AWS_ACCESS_KEY_ID": table.access_key or "",
            "AWS_SECRET_ACCESS_KEY": table.secret_key or "",
            "AWS_ENDPOINT_URL_DYNAMODB": table.endpoint_url or "",
            "AWS_ENDPOINT_URL_SQS": aws.endpoint,
            "AWS_ENDPOINT_URL_SSM": aws.endpoint,
            "COLONNADE_TABLE": table.table,
            "COLONNADE_DELIVERIES_QUEUE": deliveries,
            "COLONNADE_JOBS_QUEUE": jobs,
            "COLONNADE_RPC_ENDPOINTS": f"{CHAIN}={rpc}",
            "COLONNADE_WEBSOCKET_ENDPOINT": management,
        }
        yield World(table, deliveries, jobs, sqs, ssm, environ, posted)


@contextmanager
def _management(posted: dict[str, list[Any]]) -> Iterator[str]:
    """API Gateway's management API, as far as messages are sent through it."""

    class Management(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            connection = unquote(self.path.rpartition("/")[2])
            posted.setdefault(connection, []).append(json.loads(body))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base's
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Management)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
