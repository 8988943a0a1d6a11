"""What all servers are asked: the same events of API Gateway, with the same operations."""

from __future__ import annotations

import json
from typing import Any, Final

LIST: Final = "query Rows($first: Int!) { rows(first: $first) { id name price volume active note } }"
NESTED: Final = (
    "query Listings($first: Int!) { listings(first: $first) { id symbol name price change volume active note "
    "issuer { id name country } market { code city open } } }"
)
RELATED: Final = (
    "query Trades($first: Int!) { trades(first: $first) "
    "{ id name price volume active note maker { id name country } venue { id name country } } }"
)
SMALL: Final = "query User($id: ID!) { user(id: $id) { id name email address { city country } } }"
FOLLOW: Final = "subscription { ticked { node { name price volume } } }"


def event(query: str | None, variables: dict[str, Any] | None = None, **members: Any) -> dict[str, Any]:
    """A POST to /graphql as an HTTP API passes it on (payload format 2.0)."""
    asked: dict[str, Any] = {"query": query, "variables": variables, **members}
    body = json.dumps({name: value for name, value in asked.items() if value is not None})
    headers = {
        "accept": "application/json",
        "content-type": "application/json",
        "content-length": str(len(body)),
        "host": "example.execute-api.us-east-1.amazonaws.com",
        "user-agent": "benchmark",
    }
    http = {"method": "POST", "path": "/graphql", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1"}
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/graphql",
        "rawQueryString": "",
        "headers": headers,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "example",
            "domainName": "example.execute-api.us-east-1.amazonaws.com",
            "http": {**http, "userAgent": "benchmark"},
            "requestId": "benchmark",
            "routeKey": "$default",
            "stage": "$default",
            "timeEpoch": 1_700_000_000_000,
        },
        "body": body,
        "isBase64Encoded": False,
    }
