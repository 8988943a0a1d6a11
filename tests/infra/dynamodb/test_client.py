"""The client beneath the store: made late, shared by threads and loops, and not trusted after a long sleep."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import Mock

import pytest

from colonnade.store import Item, Key
from colonnade.testing.clock import FrozenClock
from infra.dynamodb import DynamoDBSettings, DynamoDBStore, client
from tests.infra.dynamodb.scripted_server import ScriptedServer, answer

KEY = Key("p", "a")
ROW = answer(Item={"_pk": {"S": "p"}, "_sk": {"S": "a"}})


def test_composing_a_store_makes_no_client(monkeypatch: pytest.MonkeyPatch) -> None:
    connected = Mock()
    monkeypatch.setattr(client, "connect", connected)
    store = DynamoDBStore(DynamoDBSettings("table"), FrozenClock())
    connected.assert_not_called()
    store.client  # noqa: B018 - the first use
    connected.assert_called_once()
    store.close()


def test_settings_do_not_show_the_secret_key() -> None:
    assert "hush" not in repr(DynamoDBSettings("table", access_key="key", secret_key="hush"))


def test_one_store_serves_many_threads_each_with_a_loop_of_its_own() -> None:
    with ScriptedServer(*[ROW] * 40) as server:
        store = DynamoDBStore(DynamoDBSettings.local(server.url, "table"), FrozenClock())

        def read(_: int) -> Item | None:
            return asyncio.run(store.get(KEY))

        with ThreadPoolExecutor(8) as threads:
            assert list(threads.map(read, range(40))) == [Item(KEY, {})] * 40
        store.close()


async def test_connections_are_kept_but_not_beyond_a_minute_of_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedServer(*[ROW] * 4) as server:
        store = DynamoDBStore(DynamoDBSettings.local(server.url, "table"), FrozenClock())
        await store.get(KEY)
        await store.get(KEY)
        assert server.connections == 1
        awake = time.time
        monkeypatch.setattr(time, "time", lambda: awake() + 61)
        await store.get(KEY)
        assert server.connections == 2
        await store.get(KEY)
        assert server.connections == 2
        store.close()
