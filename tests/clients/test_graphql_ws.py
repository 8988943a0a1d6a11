"""npm's graphql-ws, the client that most have, against the real handlers, stream, queues and database."""

from __future__ import annotations

import pytest

from tests.clients.conftest import Served

pytestmark = pytest.mark.dynamodb_local


def test_client_follows_asks_and_leaves(served: Served, book: str) -> None:
    told = served.session("session.mjs", book)
    snapshot, *events = told["came"]
    assert snapshot["node"] == {"text": "snapshot", "readAtOnce": 0}
    texts = [event["node"]["text"] for event in events]
    assert texts == [*(f"note {n}" for n in range(20)), "over the socket"]
    assert len({message["cursor"] for message in told["came"]}) == 22
    assert told["query"]["results"][0]["data"] == {"notes": 20}
    assert told["mutation"]["results"][0]["data"] == {"addNotes": 1}
    assert told["forbidden"]["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert "nothing" in told["invalid"]["errors"][0]["message"]
    assert told["malformed"]["errors"][0]["extensions"]["code"] == "GRAPHQL_PARSE_FAILED"
    assert told["sockets"] == 1, "nothing of this ends the connection"
