"""What happens before the first event: nothing that reaches outside, nothing that a snapshot could not keep."""

from __future__ import annotations

import dataclasses
import gc
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from colonnade.errors import ConfigurationError
from handlers import runtime
from infra import compiled_patterns, generated_code

ROOT = Path(__file__).resolve().parents[2]

# urllib3 binds a socket of its own when it is imported, to learn whether there is IPv6: no word leaves the machine.
SCRIPT = """
import json, os, sys, threading

OUTSIDE = {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "socket.sendmsg"}
PROCESSES = {"subprocess.Popen", "os.system", "os.fork", "os.posix_spawn", "os.exec"}
CODE = (".py", ".pyc", ".so", ".zip")
seen = []

def watch(event, arguments):
    if event in OUTSIDE | PROCESSES:
        seen.append(event)
    if event == "open" and isinstance(arguments[0], str):
        path, _, flags = arguments
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            seen.append(f"writes {path}")
        elif not path.endswith(CODE) and ".dist-info" not in path:
            seen.append(f"reads {path}")

sys.dont_write_bytecode = True
sys.addaudithook(watch)
exec(sys.argv[1])
print(json.dumps({"seen": seen, "threads": threading.active_count(), "modules": sorted(sys.modules)}))
"""


def initialised(program: str) -> Any:
    """What a fresh process did while it ran `program`, as Lambda starts one."""
    environ = {
        "PATH": os.environ["PATH"],
        "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9",
        "COLONNADE_CURSOR_KEY": "0123456789abcdef0123456789abcdef",
        "IDENTITY_SIGNING_KEYS": "test:private:" + "A" * 43,
        "COLONNADE_RPC_ENDPOINTS": "8453=http://127.0.0.1:9/",
    }
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT, program],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environ,
        check=False,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout.splitlines()[-1])


def test_importing_and_composing_connects_starts_and_writes_nothing() -> None:
    done = initialised("import gc, handlers.http; assert gc.isenabled() and gc.get_freeze_count() > 100_000")
    assert "plugins.trading" in done["modules"], "composed during initialisation"
    assert done["seen"] == []
    assert done["threads"] == 1


def test_a_start_that_fails_leaves_the_collector_running(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails() -> runtime.Application:
        raise ConfigurationError("wrong")

    monkeypatch.setattr(runtime, "_built", fails)
    generated_code.use({})
    compiled_patterns.use({})
    gc.disable()
    try:
        with pytest.raises(ConfigurationError, match="wrong"):
            runtime.application.__wrapped__()
        assert gc.isenabled()
        assert "exec" not in vars(dataclasses)
        assert vars(re)["_compiler"].compile.__module__ == "re._compiler"
    finally:
        gc.unfreeze()
        gc.enable()
        generated_code.forget()
        compiled_patterns.forget()


def test_what_would_reach_outside_is_noticed(tmp_path: Path) -> None:
    program = f"""
import socket, subprocess
socket.socket().connect_ex(("127.0.0.1", 9))
subprocess.run(["true"])
open({str(tmp_path / "written")!r}, "w").close()
open("/etc/hostname").close()
"""
    assert initialised(program)["seen"] == [
        "socket.connect",
        "subprocess.Popen",
        f"writes {tmp_path / 'written'}",
        "reads /etc/hostname",
    ]
