"""What every adapter of `Connections` does: API Gateway's, on the local gateway, and the scripted one.

API Gateway itself cannot be had here, and moto never says Gone: what it answers beyond this is tested on a stub, in
tests/infra/test_connections.py.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Protocol

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from colonnade.connections import LARGEST_MESSAGE, Connections
from colonnade.errors import ConnectionGone, ConnectionThrottled, MessageTooLarge
from colonnade.testing.scripted_connections import ScriptedConnections
from handlers.gateway import Gateway
from infra.connections import ConnectionSettings, GatewayConnections
from tests.handlers.sample import never
from tests.handlers.serving import PATIENCE, Recording, open_socket, serving


class Client(Protocol):
    """One that is connected."""

    id: str

    def received(self, count: int) -> list[str]: ...

    def leave(self) -> None: ...

    def is_cut_off(self) -> bool: ...


class World(Protocol):
    connections: Connections

    def client(self) -> Client: ...

    def overwhelm(self, client: Client) -> None:
        """See to it that the gateway takes no more for this client."""
        ...


class ScriptedClient:
    def __init__(self, connections: ScriptedConnections) -> None:
        self._connections = connections
        self.id = connections.open()

    def received(self, count: int) -> list[str]:
        return self._connections.sent[self.id][:count]

    def leave(self) -> None:
        self._connections.leave(self.id)

    def is_cut_off(self) -> bool:
        return self.id in self._connections.closed


class ScriptedWorld:
    def __init__(self) -> None:
        self._scripted = ScriptedConnections()
        self.connections: Connections = self._scripted

    def client(self) -> Client:
        return ScriptedClient(self._scripted)

    def overwhelm(self, client: Client) -> None:
        self._scripted.fail(client.id, ConnectionThrottled("too many at once"))


class SocketClient:
    def __init__(self, socket: ClientConnection, events: Recording, number: int) -> None:
        self._socket = socket
        self._events = events
        connects = [e for e in events.wait_for(number) if e["requestContext"]["eventType"] == "CONNECT"]
        self.id = str(connects[-1]["requestContext"]["connectionId"])

    def received(self, count: int) -> list[str]:
        return [str(self._socket.recv(PATIENCE)) for _ in range(count)]

    def leave(self) -> None:
        before = len(self._events.events)
        self._socket.close()
        self._events.wait_for(before + 1)

    def is_cut_off(self) -> bool:
        with pytest.raises(ConnectionClosed):
            self._socket.recv(PATIENCE)
        return True


class SocketWorld:
    def __init__(self, resources: ExitStack) -> None:
        self._resources = resources
        self._events = Recording()
        self._gateway = Gateway(never, self._events)
        self._port = resources.enter_context(serving(self._gateway))
        asked = ConnectionSettings(
            f"http://127.0.0.1:{self._port}",
            access_key="local",
            secret_key="local",
            read_timeout=20,
            deadline=30,
        )
        adapter = GatewayConnections(asked)
        resources.callback(adapter.shut_down)
        self.connections: Connections = adapter

    def client(self) -> Client:
        number = len(self._events.events) + 1
        socket = self._resources.enter_context(open_socket(self._port))
        return SocketClient(socket, self._events, number)

    def overwhelm(self, client: Client) -> None:
        ends = time.monotonic() + PATIENCE
        while not len(self._gateway.sockets):  # it counts as open a moment after the client sees it open
            assert time.monotonic() < ends
            time.sleep(0.01)
        self._gateway.sockets.find(client.id).waiting_bytes = 1 << 30


@pytest.fixture(params=["scripted", "gateway"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """Every adapter in turn."""
    with ExitStack() as resources:
        yield ScriptedWorld() if request.param == "scripted" else SocketWorld(resources)


async def test_messages_arrive_as_they_were_sent_and_in_order(world: World) -> None:
    client = world.client()
    texts = ["{}", "näxt ☀", '{"a": "\\n"}', "x" * LARGEST_MESSAGE]
    for text in texts:
        await world.connections.post(client.id, text)
    assert client.received(len(texts)) == texts


async def test_each_client_gets_its_own(world: World) -> None:
    ann, bob = world.client(), world.client()
    await world.connections.post(bob.id, "for bob")
    await world.connections.post(ann.id, "for ann")
    assert (ann.received(1), bob.received(1)) == (["for ann"], ["for bob"])


async def test_one_who_left_is_gone_for_ever(world: World) -> None:
    client = world.client()
    client.leave()
    for _ in range(2):
        with pytest.raises(ConnectionGone):
            await world.connections.post(client.id, "too late")


@pytest.mark.parametrize("stranger", ["L0SM9cOFvHcCIhw=", "a/b", "", "?", "é", "..", "x" * 500])
async def test_one_who_never_came_is_gone(world: World, stranger: str) -> None:
    with pytest.raises(ConnectionGone):
        await world.connections.post(stranger, "hello?")


async def test_too_large_a_message_is_refused_whoever_it_is_for(world: World) -> None:
    for connection_id in (world.client().id, "nobody="):
        with pytest.raises(MessageTooLarge):
            await world.connections.post(connection_id, "x" * (LARGEST_MESSAGE + 1))


async def test_one_who_is_sent_too_much_is_throttled_and_not_gone(world: World) -> None:
    client = world.client()
    world.overwhelm(client)
    with pytest.raises(ConnectionThrottled):
        await world.connections.post(client.id, "one more")


async def test_closing_cuts_the_client_off(world: World) -> None:
    client = world.client()
    await world.connections.close(client.id)
    assert client.is_cut_off()
    with pytest.raises(ConnectionGone):
        await world.connections.post(client.id, "too late")


async def test_closing_what_is_gone_already_is_no_error(world: World) -> None:
    client = world.client()
    client.leave()
    await world.connections.close(client.id)
    await world.connections.close("nobody=")
