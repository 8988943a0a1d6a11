"""Reads by the shortest way: botocore sends the first of each operation, and tells by it how the next are sent.

Credentials and their renewal, the endpoint, connections, TLS, proxies and time-outs stay botocore's, and so does every
answer but a plain success. What is left out is its walk over the model of the request, and its dozen of events;
`before-send`, which sees the request, is emitted. Requests are sent once, as `client.connect` has it: whoever repeats
them stands above both ways.

Where botocore is another than this knows, it goes on sending everything: a way is learned only where our signature of
the very request that it sends is its own, byte for byte, and where its connections are found.
"""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from botocore.awsrequest import AWSPreparedRequest
from botocore.exceptions import NoCredentialsError
from botocore.handlers import add_recursion_detection_header

from infra.dynamodb.parsing import ItemParser, plain
from infra.dynamodb.signing import ALGORITHM, Signer

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

OPERATIONS: Final[Mapping[str, str]] = {
    "GetItem": "get_item",
    "BatchGetItem": "batch_get_item",
    "Query": "query",
    "Scan": "scan",
}
_ITS_OWN: Final = frozenset(
    {
        "amz-sdk-invocation-id",
        "authorization",
        "content-length",
        "content-type",
        "x-amz-date",
        "x-amz-security-token",
        "x-amz-target",
        "x-amzn-trace-id",
    }
)
"""Headers that each request has another value of, or that are signed."""


@dataclass(frozen=True, slots=True)
class _Way:
    """How an operation is sent. `account`: whose endpoint it is, where endpoints differ by account."""

    operation: str
    url: str
    target: str
    headers: Mapping[str, str]
    signer: Signer
    account: str | None
    shape: Any


class Reads:
    """The reads of one client; any number of threads may share it.

    `check`: is given each answer as botocore has it before parsing, and raises for one that is none.
    """

    def __init__(self, client: DynamoDBClient, check: Callable[[Mapping[str, Any]], None]) -> None:
        self._client: Any = client
        self._check = check
        self._ways: dict[str, _Way] = {}
        self._request_signer: Any = None
        # No public name leads there.
        endpoint = getattr(client, "_endpoint", None)
        self._send: Any = getattr(getattr(endpoint, "http_session", None), "send", None)
        self._events = client.meta.events
        self._events.register("before-sign.dynamodb", self._note_signer)
        self._events.register("before-send.dynamodb", self._note_way)

    def __call__(self, method: str, request: Mapping[str, Any]) -> dict[str, Any] | None:
        """The answer to a request; None where botocore has to send it. Raises botocore's errors."""
        way = self._ways.get(method)
        if way is None:
            return None
        credentials = self._credentials()
        if credentials is None:
            raise NoCredentialsError
        if _account(credentials) != way.account:
            self._ways.pop(method, None)  # to be learned again
            return None
        body = _written(request)
        headers: Any = {
            **way.headers,
            **way.signer.headers(credentials, way.target, body),
            "Content-Length": str(len(body)),
            "amz-sdk-invocation-id": str(uuid.uuid4()),
        }
        add_recursion_detection_header({"headers": headers})
        prepared = AWSPreparedRequest("POST", way.url, headers, body, False)
        return self._answered(way, self._sent(way, prepared))

    def _sent(self, way: _Way, prepared: AWSPreparedRequest) -> Any:
        for _, instead in self._events.emit(f"before-send.dynamodb.{way.operation}", request=prepared):
            if instead is not None:
                return instead
        return self._send(prepared)

    def _answered(self, way: _Way, response: Any) -> dict[str, Any]:
        answer = {
            "status_code": response.status_code,
            "headers": response.headers,
            "body": response.content,
            "context": {},
        }
        self._check(answer)
        read = plain(answer, way.shape)
        if read is not None:
            read["ResponseMetadata"] = {"HTTPStatusCode": response.status_code}
            return read
        parsed: dict[str, Any] = ItemParser().parse(answer, way.shape)
        if response.status_code >= 300:
            code = parsed.get("Error", {}).get("Code")
            raise self._client.exceptions.from_code(code)(parsed, way.operation)
        return parsed

    def _credentials(self) -> Any:
        """Botocore's, renewed where it is time."""
        return self._request_signer.get_auth_instance(
            self._request_signer.signing_name, self._request_signer.region_name, "v4"
        ).credentials

    def _note_signer(self, request_signer: Any, **_: object) -> None:
        self._request_signer = request_signer

    def _note_way(self, request: Any, event_name: str, **_more: object) -> None:
        operation = event_name.rpartition(".")[2]
        method = OPERATIONS.get(operation)
        if method is None or method in self._ways or self._request_signer is None or self._send is None:
            return
        sent: dict[str, str] = {name.lower(): _text(value) for name, value in request.headers.items()}
        url = urlsplit(request.url)
        algorithm, _, scope = sent.get("authorization", "").partition(" Credential=")
        if algorithm != ALGORITHM or url.path not in ("", "/") or url.query or url.username:
            return  # botocore's ways are others here, and it keeps to them
        region, service = scope.partition(",")[0].split("/")[-3:-1]
        host = (url.hostname or "") if url.port in (None, _PORTS.get(url.scheme)) else url.netloc
        kept: dict[str, str] = {
            name: _text(v) for name, v in request.headers.items() if name.lower() not in _ITS_OWN
        }
        shape = self._client.meta.service_model.operation_model(operation).output_shape
        signer = Signer(region, service, host, sent["content-type"])
        credentials = self._credentials()
        body = request.body if isinstance(request.body, bytes) else str(request.body).encode()
        again = signer.headers(credentials, sent["x-amz-target"], body, sent["x-amz-date"])
        if again["Authorization"] != sent["authorization"]:
            return  # it signs otherwise, or with credentials that were renewed just now
        account = _account(credentials)
        self._ways[method] = _Way(operation, request.url, sent["x-amz-target"], kept, signer, account, shape)


_PORTS: Final[Mapping[str, int]] = {"http": 80, "https": 443}


def _account(credentials: Any) -> str | None:
    return getattr(credentials, "account_id", None)


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _written(request: Mapping[str, Any]) -> bytes:
    import orjson  # noqa: PLC0415 - native code of the target, where a package is made on another machine

    try:
        return orjson.dumps(request, default=_binary)
    except TypeError:  # half a surrogate pair
        return json.dumps(request, default=_binary).encode()


def _binary(value: object) -> str:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(f"{value!r} is no value of DynamoDB")
