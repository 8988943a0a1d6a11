"""graphql-transport-ws, message by message: what each is answered, and that no socket is closed to refuse."""

from __future__ import annotations

import pytest

from colonnade.server import Server
from colonnade.server.persisted import PersistedDocuments
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


async def test_complete_ends_a_subscription_and_frees_its_id() -> None:
    stage = Stage()
    client = await stage.connect()
    await stage.follow(client)
    await stage.say(client, id="1", type="complete")
    await stage.give("one")
    assert stage.heard(client) == []
    await stage.follow(client)
    await stage.give("two")
    assert stage.texts(client) == ["two"]


async def test_a_complete_that_overtakes_its_subscribe_wins() -> None:
    stage = Stage()
    client = await stage.connect()
    await stage.say(client, id="1", type="complete")
    await stage.follow(client)
    await stage.give("one")
    assert stage.heard(client) == []
    await stage.follow(client)
    await stage.give("two")
    assert stage.texts(client) == ["two"]


async def test_a_complete_that_overtook_nothing_is_forgotten_after_a_minute() -> None:
    stage = Stage()
    client = await stage.connect()
    await stage.say(client, id="1", type="complete")
    stage.clock.advance(60)
    await stage.follow(client)
    await stage.give("one")
    assert stage.texts(client) == ["one"]


async def test_an_id_in_use_is_refused_and_what_it_follows_goes_on() -> None:
    stage = Stage()
    client = await stage.connect()
    await stage.follow(client)
    await stage.follow(client)
    assert stage.codes(client) == ["SUBSCRIBER_ALREADY_EXISTS"]
    await stage.give("one")
    assert stage.heard(client)[-1]["type"] == "next"


async def test_a_connection_follows_only_so_much() -> None:
    stage = Stage()
    stage.limit(subscriptions=2)
    client = await stage.connect()
    for number in ("1", "2", "3"):
        await stage.follow(client, id=number)
    assert stage.codes(client) == ["TOO_MANY_SUBSCRIPTIONS"]
    await stage.say(client, id="1", type="complete")
    await stage.follow(client, id="4")
    await stage.give("one")
    assert {m["id"] for m in stage.heard(client) if m["type"] == "next"} == {"2", "4"}


async def test_a_subscribe_that_runs_after_the_disconnect_stores_nothing() -> None:
    stage = Stage()
    client = await stage.connect()
    await stage.transport.closed(client)
    await stage.follow(client)
    await stage.give("one")
    assert "next" not in {m["type"] for m in stage.heard(client)}


async def test_an_introduction_that_runs_after_the_disconnect_is_none() -> None:
    stage = Stage()
    client = stage.sockets.open()
    await stage.transport.closed(client)
    await stage.say(client, type="connection_init")
    assert [m["type"] for m in stage.heard(client)] == ["ping"]


async def test_a_disconnect_takes_along_any_number_of_subscriptions() -> None:
    stage = Stage()
    stage.limit(subscriptions=300)
    client = await stage.connect()
    for number in range(120):
        await stage.follow(client, id=str(number))
    await stage.transport.closed(client)
    await stage.give("one")
    assert stage.heard(client) == []


async def test_a_client_that_never_introduces_itself_is_closed() -> None:
    stage = Stage()
    silent, polite = stage.sockets.open(), stage.sockets.open()
    await stage.transport.opened(silent)
    await stage.transport.opened(polite)
    assert [message.delay_seconds for message in stage.tasks.messages] == [10, 10]
    await stage.say(polite, type="connection_init")
    await stage.work_on_all()
    assert stage.sockets.closed == [silent]


async def test_expired_credentials_end_what_they_follow() -> None:
    stage = Stage()
    client = await stage.connect("short")
    await stage.follow(client)
    await stage.give("one")
    stage.clock.advance(600)
    await stage.give("two")
    assert stage.texts(client) == ["one"]
    assert stage.codes(client) == ["UNAUTHENTICATED"]
    await stage.follow(client, id="2")
    assert stage.codes(client) == ["UNAUTHENTICATED", "UNAUTHENTICATED"]


async def test_revoked_credentials_end_what_they_follow_and_may_follow_nothing_more() -> None:
    stage = Stage()
    client, other = await stage.connect("eve"), await stage.connect("bob")
    for following in (client, other):
        await stage.follow(following)
        await stage.follow(following, 'subscription { heard(creator: "ada") { node { text } } }', id="2")
    await stage.deliverer.revoke("session-eve")
    assert stage.codes(client) == ["UNAUTHENTICATED", "UNAUTHENTICATED"]
    await stage.follow(client, id="3")
    await stage.give("one")
    assert len(stage.codes(client)) == 3
    assert "next" not in {m["type"] for m in stage.heard(client)}
    assert len([m for m in stage.heard(other) if m["type"] == "next"]) == 2
