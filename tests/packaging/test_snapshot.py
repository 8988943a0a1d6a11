"""What SnapStart keeps: a function after its initialisation, restored many times. Nothing in it may be true only once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from infra.local.on_demand import python_environment
from infra.local.sandbox import Sandbox
from infra.packaging import Unpacked
from tests.packaging.events import asked, data
from tests.packaging.world import World

pytestmark = [
    pytest.mark.onchain,
    pytest.mark.dynamodb_local,
    pytest.mark.skipif(sys.platform != "linux", reason="a process shows its sockets on Linux"),
]

# `random` is imported first, so that whoever draws from its generator leaves a trace. The standard library makes a key
# for processes that it would start, where somebody imports what could start them; nobody here does.
DRAWING = """
import json, os, random, sys, traceback

drawn = []
system = os.urandom

def urandom(size):
    files = [frame.filename for frame in traceback.extract_stack()[:-1]]
    if not files[-1].endswith("multiprocessing/process.py"):
        drawn.append(files)
    return system(size)

os.urandom = random._urandom = urandom
state = random.getstate()
exec(sys.argv[1])
print(json.dumps({"drawn": drawn, "generator moved": random.getstate() != state}))
"""


@pytest.fixture(scope="module")
def sandbox(host_package: Unpacked, world: World) -> Sandbox:
    """An API function at the moment of its snapshot, which was told its secrets by parameters."""
    environ = dict(world.environ)
    for name in ("COLONNADE_CURSOR_KEY", "IDENTITY_SIGNING_KEYS"):
        world.ssm.put_parameter(Name=f"/test/{name}", Value=environ.pop(name), Type="SecureString")
    environ["COLONNADE_PARAMETERS"] = "/test"
    return Sandbox(host_package, "handlers.http.handler", environ, snap_start=True)


def connections(process: int) -> Sequence[str]:
    """Where a process is connected over a network, as the system writes addresses; 0 for what only listens.

    An event loop's pair of sockets is none: both its ends are in the snapshot.
    """
    handles = {os.readlink(handle) for handle in Path(f"/proc/{process}/fd").iterdir()}
    rows = [
        line.split()
        for table in ("tcp", "tcp6", "udp", "udp6", "raw", "raw6")
        for line in Path(f"/proc/{process}/net/{table}").read_text().splitlines()[1:]
    ]
    return [row[2] for row in rows if f"socket:[{row[9]}]" in handles]


def test_at_the_snapshot_nothing_is_connected_and_one_thread_runs(sandbox: Sandbox) -> None:
    with sandbox:
        api = f"0100007F:{int(sandbox.api_address.rpartition(':')[2]):04X}"
        assert connections(sandbox.pid) == [api], "the runtime's own question when it is restored"
        assert len(list(Path(f"/proc/{sandbox.pid}/task").iterdir())) == 1
        sandbox.restore()
        assert data(sandbox.invoke(asked("{ platform { version } }")))["platform"]["version"]


def drawing(unpacked: Unpacked, world: World, program: str) -> dict[str, object]:
    """What randomness `program` draws in a fresh process that is set up as Lambda would."""
    environ = {
        **world.environ,
        "PATH": os.defpath,
        "PYTHONPATH": str(unpacked.layer / "python"),
        "PYTHONSAFEPATH": "",
        "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9",
    }
    ran = subprocess.run(
        [python_environment("lambda"), "-c", DRAWING, program],
        env=environ,
        cwd=unpacked.task,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    found: dict[str, object] = json.loads(ran.stdout.splitlines()[-1])
    return found


def test_no_randomness_is_drawn_before_the_snapshot(host_package: Unpacked, world: World) -> None:
    functions = ("deliver", "http", "jobs", "stream", "watch", "websocket")
    program = "import " + ", ".join(f"handlers.{name}" for name in functions)
    assert drawing(host_package, world, program) == {"drawn": [], "generator moved": False}


def test_randomness_that_is_drawn_is_noticed(host_package: Unpacked, world: World) -> None:
    program = "import secrets, uuid; uuid.uuid4(); secrets.randbits(80); random.random()"
    found = drawing(host_package, world, program)
    assert found["generator moved"] is True
    assert isinstance(found["drawn"], list)
    assert len(found["drawn"]) == 2
