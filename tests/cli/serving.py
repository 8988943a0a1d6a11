"""`colonnade dev` as a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, str]]:
    """The URL at which `colonnade dev` serves what is in `folder`, and what it says."""
    command = "import sys; from colonnade.cli import main; sys.exit(main(['dev', '--port', '0']))"
    with subprocess.Popen(
        [sys.executable, "-c", command],
        cwd=folder,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            said = ""
            for line in process.stdout:
                said += line
                if line.startswith("Stop with"):
                    break
            yield said.partition(" at ")[2].partition("\n")[0], said
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=20) == 0
        finally:
            process.kill()


def post(url: str, query: str, variables: dict[str, str] | None = None) -> Any:
    """The answer to a query, apart from what it cost."""
    body = json.dumps({"query": query, "variables": variables}).encode()
    request = urllib.request.Request(url, body, {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=20) as response:
        answer = json.load(response)
    answer.pop("extensions", None)
    return answer
