"""graphql-transport-ws, message by message: what each is answered, and that no socket is closed to refuse."""

from __future__ import annotations

import pytest

from colonnade.errors import StoreUnavailable
from colonnade.server import Server
from colonnade.server.persisted import PersistedDocuments
from colonnade.store import Item, Key
from colonnade.testing import FrozenClock, MemoryStore
from tests.subscriptions.stage import APPLAUDED, COMPOSITION, Stage

WHOAMI = "{ whoami }"


async def test_connection_init_is_acknowledged() -> None:
    stage = Stage()
    client = stage.sockets.open()
    await stage.say(client, type="connection_init")
    assert stage.heard(client) == [{"type": "connection_ack"}]


async def test_a_ping_is_answered_with_what_it_brought() -> None:
    stage = Stage()
    client = await stage.connect()
    await stage.say(client, type="ping", payload={"at": 1})
    await stage.say(client, type="ping")
    assert stage.heard(client) == [{"type": "pong", "payload": {"at": 1}}, {"type": "pong"}]


async def test_a_pong_is_not_answered() -> None:
    stage = Stage()
    client = await stage.connect()
    await stage.say(client, type="pong")
    assert stage.heard(client) == []


async def test_a_query_over_a_socket_is_answered_and_completed() -> None:
    stage = Stage()
    client = await stage.connect("eve")
    await stage.follow(client, WHOAMI)
    result, end = stage.heard(client)
    assert (result["id"], result["type"]) == ("1", "next")
    assert result["payload"]["data"] == {"whoami": "eve"}
    assert end == {"id": "1", "type": "complete"}


async def test_a_query_that_gives_more_than_a_message_holds_is_told_so() -> None:
    stage = Stage()
    client = await stage.connect()
    await stage.follow(client, "{ lasting(seconds: 130) }", id="😀" * 100)
    answered, completed = stage.heard(client)
    assert answered["payload"]["data"] is None
    assert answered["payload"]["errors"][0]["extensions"]["code"] == "MESSAGE_TOO_LARGE"
    assert (answered["type"], completed["type"]) == ("next", "complete")


async def test_the_largest_response_arrives_whatever_its_id() -> None:
    stage = Stage()
    client = await stage.connect()
    await stage.follow(client, "{ lasting(seconds: 125) }", id="😀" * 100)
    assert len(stage.heard(client)[0]["payload"]["data"]["lasting"]) == 125 * 1_024


class Unread(MemoryStore):
    """A store that does not answer at the moment."""

    away = False

    async def get(self, key: Key) -> Item | None:
        if self.away:
            raise StoreUnavailable("the table table-7 does not answer")
        return await super().get(key)


async def test_an_operation_that_the_store_has_no_answer_for_may_be_sent_again() -> None:
    clock = FrozenClock()
    store = Unread(clock)
    stage = Stage(clock, store=store)
    client = await stage.connect()
    store.away = True
    await stage.follow(client)
    (error,) = stage.heard(client)[0]["payload"]
    assert (error["extensions"]["code"], error["extensions"]["retryable"]) == ("UNAVAILABLE", True)
    assert "table-7" not in error["message"]


async def test_without_credentials_operations_run_for_nobody() -> None:
    stage = Stage()
    client = await stage.connect(None)
    await stage.follow(client, WHOAMI)
    assert stage.heard(client)[0]["payload"]["data"] == {"whoami": None}


async def test_a_bad_token_is_acknowledged_and_each_operation_refused() -> None:
    stage = Stage()
    client = await stage.connect("bad")
    await stage.follow(client)
    await stage.follow(client, WHOAMI, id="2")
    assert stage.codes(client) == ["UNAUTHENTICATED", "UNAUTHENTICATED"]
    assert stage.sockets.closed == []


async def test_authorization_that_is_no_text_is_a_bad_token() -> None:
    stage = Stage()
    client = stage.sockets.open()
    await stage.say(client, type="connection_init", payload={"authorization": 7})
    await stage.follow(client, WHOAMI)
    assert stage.codes(client) == ["UNAUTHENTICATED"]


async def test_operations_before_the_introduction_are_refused() -> None:
    stage = Stage()
    client = stage.sockets.open()
    await stage.follow(client)
    assert stage.codes(client) == ["UNAUTHENTICATED"]


async def test_a_second_introduction_changes_nothing_and_is_objected_to() -> None:
    stage = Stage()
    client = await stage.connect("eve")
    await stage.say(client, type="connection_init", payload={"authorization": "Bearer bob"})
    (objection,) = stage.heard(client)
    assert (objection["type"], objection["payload"]["violation"]["code"]) == ("ping", 4429)
    await stage.follow(client, WHOAMI)
    assert stage.heard(client)[1]["payload"]["data"] == {"whoami": "eve"}
    assert stage.sockets.closed == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not JSON",
        "[]",
        "null",
        '"subscribe"',
        '{"type":"start"}',
        '{"type":7}',
        '{"type":"connection_ack"}',
        '{"type":"subscribe","payload":{"query":"{ whoami }"}}',
        '{"type":"subscribe","id":"","payload":{"query":"{ whoami }"}}',
        '{"type":"subscribe","id":7,"payload":{"query":"{ whoami }"}}',
        '{"type":"complete"}',
        '{"type":"ping","payload":[]}',
        '{"type":"ping","type":"pong"}',
        '{"type":"ping","payload":{"n":NaN}}',
        '{"type":"ping","payload":"\\ud800"}',
        '{"type":"subscribe","id":"' + "x" * 101 + '","payload":{}}',
        "[" * 10_000,
    ],
)
async def test_what_is_no_message_is_objected_to_and_the_socket_goes_on(text: str) -> None:
    stage = Stage()
    client = await stage.connect()
    await stage.transport.received(client, text)
    (objection,) = stage.heard(client)
    assert (objection["type"], objection["payload"]["violation"]["code"]) == ("ping", 4400)
    await stage.follow(client, WHOAMI)
    assert stage.heard(client)[-1]["type"] == "complete"


async def test_a_message_that_is_too_long_is_objected_to() -> None:
    stage = Stage()
    client = await stage.connect()
    await stage.follow(client, WHOAMI + " " * 128 * 1024)
    assert stage.heard(client)[0]["payload"]["violation"]["code"] == 4400


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (None, "BAD_REQUEST"),
        ({"query": 7}, "BAD_REQUEST"),
        ({"query": ""}, "GRAPHQL_PARSE_FAILED"),
        ({"query": WHOAMI, "variables": []}, "BAD_REQUEST"),
        ({"query": "{"}, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{ nothing }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": WHOAMI, "operationName": "Other"}, "OPERATION_RESOLUTION_FAILURE"),
        ({"query": "subscription { applauded { cursor } }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": APPLAUDED, "variables": {"after": 7}}, "BAD_USER_INPUT"),
        ({"query": APPLAUDED, "variables": {"after": "mine"}}, "CURSOR_INVALID"),
        ({"query": 'subscription { applauded(creator: "secret") { cursor } }'}, "FORBIDDEN"),
        ({"query": 'subscription { overheard(creator: "ada") { cursor } }'}, "FORBIDDEN"),
        (
            {"query": 'subscription { applauded(creator: "ada") @skip(if: true) { cursor } }'},
            "GRAPHQL_VALIDATION_FAILED",
        ),
        ({"query": f'subscription {{ applauded(creator: "{"x" * 400}") {{ cursor }} }}'}, "BAD_REQUEST"),
    ],
)
async def test_an_operation_that_cannot_run_is_answered_with_its_error(payload: object, code: str) -> None:
    stage = Stage()
    client = await stage.connect("eve")
    await stage.say(client, id="1", type="subscribe", payload=payload)
    assert stage.codes(client) == [code]
    assert [m["id"] for m in stage.heard(client)] == ["1"]
    await stage.give("one")
    assert len(stage.heard(client)) == 1


async def test_what_follows_too_much_at_once_is_refused_before_it_runs() -> None:
    stage = Stage()
    client = await stage.connect()
    deep = "".join(f" a{number}: node {{ text }}" for number in range(40))
    await stage.follow(client, f'subscription {{ applauded(creator: "ada") {{ {deep} }} }}')
    assert stage.codes(client) == ["ALIAS_LIMIT_EXCEEDED"]


async def test_a_document_that_the_deployment_does_not_allow_is_refused_over_sockets_too() -> None:
    stage = Stage()
    stage.server = Server(
        COMPOSITION.schema,
        lambda request: stage.context(request.request_id, None),
        persisted=PersistedDocuments(stage.kept, stage.clock, trusted={}, only_trusted=True),
    )
    stage.use(stage.ports_over(stage.kept, stage.sockets, stage.log))
    client = await stage.connect(None)
    await stage.follow(client, WHOAMI)
    await stage.follow(client, id="2")
    assert len(stage.codes(client)) == 2
    assert "next" not in {m["type"] for m in stage.heard(client)}


async def test_whoever_holds_the_permission_may_follow() -> None:
    stage = Stage()
    client = await stage.connect("listener")
    await stage.follow(client, 'subscription { overheard(creator: "ada") { node { text } } }')
    await stage.give("one")
    assert stage.texts(client, "overheard") == ["one"]
