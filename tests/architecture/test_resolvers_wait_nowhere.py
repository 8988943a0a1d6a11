"""A resolver that is not async does no I/O: every port is async, and plugins import nothing else to wait with."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

from colonnade.chains import ChainReader
from colonnade.store import Store
from colonnade.tokens import Tokens

ROOT = Path(__file__).parents[2]
PLUGINS = sorted(
    path for folder in ("plugins", "examples/applause/src") for path in (ROOT / folder).rglob("*.py")
)

WAITING_MODULES = {
    *("aiohttp", "ftplib", "http", "httpx", "requests", "select", "selectors", "smtplib", "socket", "ssl"),
    *("urllib3", "websockets", "xmlrpc", "dbm", "fileinput", "io", "mmap", "multiprocessing", "os"),
    *("pathlib", "queue", "shutil", "sqlite3", "subprocess", "tempfile", "concurrent"),
}
WAITING_CALLS = {"open", "input", "time.sleep", "asyncio.run", "urllib.request.urlopen"}


def waits(source: str) -> Iterator[str]:
    """What in a module's source could keep a thread waiting."""
    for node in ast.walk(ast.parse(source)):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
        called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
        yield from (name for name in names if name.partition(".")[0] in WAITING_MODULES)
        yield from (name for name in [*names, called] if name in WAITING_CALLS)


@pytest.mark.parametrize("port", [Store, ChainReader, Tokens])
def test_every_method_of_a_port_is_async(port: type) -> None:
    methods = {name: value for name, value in vars(port).items() if inspect.isfunction(value)}
    public = {name for name in methods if not name.startswith("_")}
    assert public
    assert {name for name in public if not inspect.iscoroutinefunction(methods[name])} == set()


@pytest.mark.parametrize("module", PLUGINS, ids=lambda path: str(path.relative_to(ROOT)))
def test_plugin_has_nothing_to_wait_with_but_the_ports(module: Path) -> None:
    assert list(waits(module.read_text())) == []


@pytest.mark.parametrize(
    "source",
    [
        "import socket",
        "from urllib3 import PoolManager",
        "from time import sleep",
        "import time\ntime.sleep(1)",
        "text = open('rates.json').read()",
        "from concurrent.futures import ThreadPoolExecutor",
        "import asyncio\nasyncio.run(read())",
    ],
)
def test_what_waits_is_found(source: str) -> None:
    assert list(waits(source)) != []
