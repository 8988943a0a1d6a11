"""The whole stack with the plugin of `tests.e2e.bells` installed: who rings, and who operates it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from standardwebhooks import Webhook

from colonnade.cli.local_state import ENVIRONMENT
from tests.cli.workspace import write_installed
from tests.e2e.bells import SECRET
from tests.e2e.graphql_client import Client
from tests.e2e.stack import PATIENCE, ROOT, Running, running


@dataclass
class BellStack:
    """`folder`: where files hold the bells up; `stack`: None while it does not run."""

    folder: Path
    environ: Mapping[str, str]
    stack: Running | None = None

    @contextmanager
    def run(self) -> Iterator[Running]:
        """Within the block it runs, on what it kept of the runs before."""
        with running(self.folder / "state", self.environ) as self.stack, self.stack.reading():
            yield self.stack

    def hold(self, name: str) -> None:
        (self.folder / name).touch()

    def release(self, name: str) -> None:
        (self.folder / name).unlink()

    @property
    def port(self) -> int:
        assert self.stack is not None
        return self.stack.port

    def tell(self, body: str, headers: Mapping[str, str], at: str = "patient") -> tuple[int, str | None]:
        """The status and the code that a provider is answered, over a connection of its own."""
        with closing(HTTPConnection("localhost", self.port, timeout=PATIENCE)) as connection:
            connection.request("POST", f"/hooks/{at}", body, dict(headers))
            response = connection.getresponse()
            said = response.read()
        code = json.loads(said)["errors"][0]["extensions"]["code"] if said else None
        return response.status, code

    def ring(self, message_id: str, door: str, at: str = "patient", **more: str) -> None:
        """Somebody rings, and is told that it was heard."""
        body = json.dumps({"door": door, **more})
        assert self.tell(body, signed(message_id, body), at) == (204, None)

    def rings(self, door: str) -> tuple[int, int]:
        """How often somebody rang at a door, and how often it was answered."""
        count, answered = Client(self.port).ask("query ($door: String!) { rings(door: $door) }", door=door)[
            "rings"
        ]
        return count, answered

    def operate(self, *arguments: str) -> str:
        """What `colonnade …` says to an operator of the stack."""
        reached = ["--env-file", str(self.folder / "state" / ENVIRONMENT)]
        command = [str(Path(sys.executable).with_name("colonnade")), *arguments, *reached]
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, **self.environ},
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def bells(folder: Path) -> BellStack:
    """A stack that keeps everything in `folder`, with the bells installed beside it."""
    write_installed(folder / "site", "the-bells", files={}, offers="bells = tests.e2e.bells")
    path = os.pathsep.join([str(folder / "site"), str(ROOT)])
    return BellStack(folder, {"PYTHONPATH": path, "BELLS_FOLDER": str(folder)})


def signed(
    message_id: str, body: str, *, secret: str = SECRET, late: timedelta = timedelta(0)
) -> dict[str, str]:
    """Headers of a message that PyPI's standardwebhooks signed."""
    at = datetime.now(UTC) - late
    return {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(message_id, at, body),
    }


def soon(found: Callable[[], Any], wanted: Any, patience: float = PATIENCE) -> None:
    """Return when `found` gives what is wanted."""
    deadline = time.monotonic() + patience
    while (last := found()) != wanted:
        assert time.monotonic() < deadline, last
        time.sleep(0.1)
