from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.infra.rpc.http_server import ScriptedServer

_READ = """
import asyncio, sys, threading
from colonnade.chains import BASE, Call
from infra.rpc import ChainSettings, JsonRpcChains

async def read():
    reader = chains.reader(BASE)
    assert await reader.call(Call("0x" + "11" * 20, b"hello")) == b"hello"
    return await reader.block()

chains = JsonRpcChains([ChainSettings(BASE, (sys.argv[1],))])
chains.reader(BASE)
print("threads before the first read:", threading.active_count())
assert asyncio.run(read()).number == 100
chains.close()
heavy = {"web3", "eth_account", "eth_abi", "eth_utils", "pydantic", "httpx", "requests", "aiohttp", "starlette"}
print("heavy:", heavy & set(sys.modules))
"""


def test_a_read_loads_no_heavy_library_and_nothing_starts_before_it(server: ScriptedServer) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", _READ, server.url],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines() == ["threads before the first read: 1", "heavy: set()"]
