"""The notebook served by a process of its own, on the local database."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from infra.dynamodb import DynamoDBSettings, ensure_table
from infra.dynamodb.client import connect
from infra.local import toolchain

ROOT = Path(__file__).parents[2]
PATIENCE = 90.0


@dataclass
class Served:
    """The notebook's process. `port` stays the same from one start to the next."""

    database: str
    table: str
    state: Path
    port: int = 0
    _process: subprocess.Popen[str] | None = field(default=None, repr=False)

    def start(self) -> None:
        """Start it, and return when it answers."""
        command = [sys.executable, "-m", "tests.clients.server", str(self.port), str(self.state)]
        self._process = subprocess.Popen(
            [*command, self.database, self.table], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        said = self._process.stdout.readline()
        assert said.startswith("ready "), f"it ended with status {self._process.wait()}"
        self.port = int(said.split()[1])

    def kill(self) -> None:
        """End it without a word: SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()

    def node(self, script: str, *arguments: object) -> subprocess.Popen[str]:
        """A client of it that has just been started."""
        return subprocess.Popen(
            [toolchain.node(), f"tests/clients/{script}", str(self.port), *map(str, arguments)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def session(self, script: str, *arguments: object) -> Any:
        """What a client tells at its end, as JSON."""
        client = self.node(script, *arguments)
        try:
            out, err = client.communicate(timeout=PATIENCE)
        finally:
            client.kill()
        assert client.returncode == 0, err
        return json.loads(out)


@pytest.fixture(scope="module")
def served(dynamodb_endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The notebook, running."""
    table = f"colonnade-{uuid4().hex}"
    client = connect(DynamoDBSettings.local(dynamodb_endpoint, table))
    ensure_table(client, table)
    made = Served(dynamodb_endpoint, table, tmp_path_factory.mktemp("notebook"))
    made.start()
    yield made
    made.kill()
    client.delete_table(TableName=table)
    client.close()


@pytest.fixture
def book() -> str:
    """A book no other test writes in."""
    return f"book-{uuid4().hex[:8]}"
