"""What AWS hands to functions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def asked(query: str, **variables: object) -> dict[str, Any]:
    """A GraphQL request over the HTTP API."""
    return http("POST", "/graphql", json.dumps({"query": query, "variables": variables}))


def named(digest: str, query: str | None = None) -> dict[str, Any]:
    """A GraphQL request that names its document by its hash."""
    persisted = {"persistedQuery": {"version": 1, "sha256Hash": digest}}
    return http("POST", "/graphql", json.dumps({"query": query, "extensions": persisted}))


def http(method: str, path: str, body: str | None = None) -> dict[str, Any]:
    """An event of the HTTP API, in payload format 2.0."""
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"content-type": "application/json", "host": "api.example"},
        "requestContext": {
            "accountId": "000000000000",
            "domainName": "api.example",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "test",
            },
            "requestId": "packaged",
            "stage": "$default",
        },
        "body": body,
        "isBase64Encoded": False,
    }


def socket(kind: str, connection: str, message: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """An event of the WebSocket API."""
    return {
        "headers": {"Sec-WebSocket-Protocol": "graphql-transport-ws"},
        "requestContext": {
            "connectionId": connection,
            "eventType": kind,
            "identity": {"sourceIp": "192.0.2.1"},
            "requestId": "packaged",
        },
        "body": None if message is None else json.dumps(message),
        "isBase64Encoded": False,
    }


def data(answer: Any) -> Any:
    """The data of a GraphQL answer that has no errors."""
    body = json.loads(answer.payload["body"])
    assert "errors" not in body, body
    return body["data"]
