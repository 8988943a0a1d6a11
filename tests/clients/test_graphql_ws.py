"""npm's graphql-ws, the client that most have, against the real handlers, stream, queues and database."""

from __future__ import annotations

import json
import sys

import pytest

from tests.clients.conftest import PATIENCE, Lines, Served
from tests.clients.notebook import NoteAdded

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


def test_subscribe_and_complete_back_to_back_leave_nothing_behind(served: Served, book: str) -> None:
    """Both messages are handled at once; thirty times, on sockets that stay open while the rows are counted."""
    client = served.node("back_to_back.mjs", book, 30)
    came = Lines(client)
    came.until("all completed")
    assert served.followers(NoteAdded.topic(book)) == 0
    served.add(book, "nobody sees this")
    assert served.followers(NoteAdded.topic(book)) == 0
    out, _ = client.communicate("", timeout=PATIENCE)
    assert "nobody sees this" not in out
    assert client.returncode == 0


def test_hundred_sockets_all_get_one_event(served: Served, book: str) -> None:
    told = served.session("many.mjs", book, 100)
    assert told["came"] == [["snapshot", "for all"]] * 100
    sys.stdout.write(f"100 sockets, one event: {told['milliseconds']} ms\n")
    assert served.followers(NoteAdded.topic(book)) == 0, "those who left are forgotten"


@pytest.mark.parametrize("drops", [1, 5])
def test_client_resumes_without_a_gap_after_its_socket_was_cut_off(
    served: Served, book: str, drops: int
) -> None:
    texts = [f"note {n}" for n in range(100)]
    client = served.node("following.mjs", book, texts[-1], drops)
    came = Lines(client)
    came.until("snapshot")
    for text in texts:
        served.add(book, text)
    came.until(texts[-1])
    assert client.wait(PATIENCE) == 0
    assert [line for line in came.lines if line != "snapshot"] == texts
    assert client.stderr is not None
    assert json.loads(client.stderr.read())["connections"] == drops + 1


def test_clients_resume_without_a_gap_after_the_api_was_killed(served: Served, book: str) -> None:
    texts = [f"note {n}" for n in range(90)]
    clients = [served.node("following.mjs", book, texts[-1]) for _ in range(3)]
    came = [Lines(client) for client in clients]
    for lines in came:
        lines.until("snapshot")
    for part in range(3):
        for text in texts[part * 30 : part * 30 + 30]:
            served.add(book, text)
        if part < 2:
            came[part].until(texts[part * 30 + 10])
            served.kill()
            served.start()
    for client, lines in zip(clients, came, strict=True):
        lines.until(texts[-1])
        assert client.wait(PATIENCE) == 0
        assert [line for line in lines.lines if line != "snapshot"] == texts


@pytest.mark.parametrize(
    ("params", "options", "error"),
    [
        ({"authorization": "Bearer forged"}, {}, "UNAUTHENTICATED"),
        ({}, {"origin": "https://evil.example"}, "403"),
        ({}, {"protocol": "graphql-ws"}, "400"),
    ],
)
def test_refused_client_does_not_storm(
    served: Served, params: dict[str, str], options: dict[str, str], error: str
) -> None:
    """Closing with 1000, as API Gateway does, would bring 4,464 connections in three seconds."""
    told = served.session("refused.mjs", 3_000, json.dumps(params), json.dumps(options))
    assert 1 <= told["connections"] <= 3 * 6
    assert len(told["errors"]) == 3
    assert all(error in said for said in told["errors"])


def test_conflated_subscription_ends_up_with_the_newest(served: Served, book: str) -> None:
    told = served.session("newest.mjs", book)
    assert told["errors"] == []
    updates = [message for message in told["came"] if message["kind"] == "UPDATE"]
    sequences = [int(message["sequence"]) for message in updates]
    assert sequences == sorted(sequences)
    assert updates[-1]["node"] == {"text": "note 19"}
