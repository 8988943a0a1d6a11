from __future__ import annotations

import asyncio
import gc
import threading

import pytest

from colonnade.errors import ConfigurationError
from handlers import runtime
from tests.handlers.sample import ENVIRON, adapters, weather


async def current_loop() -> asyncio.AbstractEventLoop:
    return asyncio.get_running_loop()


def test_thread_keeps_one_loop_and_finds_it_again() -> None:
    first = runtime.run(current_loop())
    assert runtime.run(current_loop()) is first
    assert asyncio.get_event_loop() is first
    assert not first.is_closed()


def test_threads_have_loops_of_their_own_closed_when_they_end() -> None:
    found: list[asyncio.AbstractEventLoop] = []
    thread = threading.Thread(target=lambda: found.append(runtime.run(current_loop())))
    thread.start()
    thread.join()
    gc.collect()
    assert found[0] is not runtime.thread_loop()
    assert found[0].is_closed()


def test_application_knows_its_secrets_and_shows_none() -> None:
    endpoint = "8453=https://node.example/kL9-mQ2_vX7pR4tY8wZ1"
    application = runtime.build({**ENVIRON, "COLONNADE_RPC_ENDPOINTS": endpoint}, weather(), adapters())
    assert application.secrets == {ENVIRON["COLONNADE_CURSOR_KEY"], endpoint}
    assert "kL9-mQ2_vX7pR4tY8wZ1" not in repr(application)


def test_missing_settings_stop_it_before_anything_is_composed() -> None:
    with pytest.raises(ConfigurationError, match="COLONNADE_CURSOR_KEY"):
        runtime.build({})
