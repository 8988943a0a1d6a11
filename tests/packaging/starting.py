"""Programs that run in a package, with nothing else to import, as a function does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from infra.packaging import Unpacked


def answer(package: Unpacked, script: str, *arguments: str, given: object = None, **more: str) -> Any:
    """What `script` prints, read as JSON. `given`: what it reads, as JSON; `more`: variables of the function."""
    environ = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{package.task}:{package.layer / 'python'}",
        "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9",
        "COLONNADE_CURSOR_KEY": "0123456789abcdef0123456789abcdef",
        "IDENTITY_SIGNING_KEYS": "test:private:" + "A" * 43,
        **more,
    }
    ran = subprocess.run(
        [sys.executable, "-B", "-P", "-S", "-s", "-c", script, *arguments],
        input=json.dumps(given),
        env=environ,
        cwd=package.task,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)
