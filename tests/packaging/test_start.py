"""What the start of a packaged function spares itself, counted rather than timed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from infra.packaging import Unpacked

# `compile` of a text without a file is what `dataclasses` does for each method of each class.
SCRIPT = """
import gc, json, sys
texts = []
sys.addaudithook(lambda event, given: event == "compile" and given[1] == "<string>" and texts.append(str(given[0])))
collections = []
gc.callbacks.append(lambda phase, info: phase == "start" and collections.append(info["generation"]))
import handlers.http
started = {"methods": sum("def __create_fn__" in text for text in texts), "texts": len(texts), "collections": len(collections)}
import dataclasses
print(json.dumps(started | {
    "collects": gc.isenabled(), "frozen": gc.get_freeze_count(), "patched": "exec" in vars(dataclasses)
}))
"""


@pytest.fixture(scope="module")
def started(host_package: Unpacked) -> Any:
    environ = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{host_package.task}:{host_package.layer / 'python'}",
        "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9",
        "COLONNADE_CURSOR_KEY": "0123456789abcdef0123456789abcdef",
        "IDENTITY_SIGNING_KEYS": "test:private:" + "A" * 43,
    }
    program = [sys.executable, "-B", "-P", "-S", "-s", "-c", SCRIPT]
    ran = subprocess.run(program, env=environ, capture_output=True, text=True, check=False, timeout=60)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def test_no_method_of_a_dataclass_is_compiled(started: Any) -> None:
    assert started["methods"] == 0
    assert started["texts"] > 100, "what else is compiled is noticed"


def test_nothing_is_collected_before_the_application_is_there(started: Any) -> None:
    assert started["collections"] <= 3, "of the interpreter's own start"


def test_afterwards_all_is_as_ever(started: Any) -> None:
    assert started["collects"]
    assert started["frozen"] > 100_000
    assert not started["patched"]
