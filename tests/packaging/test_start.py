"""What the start of a packaged function spares itself, counted rather than timed."""

from __future__ import annotations

from typing import Any

import pytest

from infra import packed_modules
from infra.packaging import Unpacked
from infra.packaging.bytecode import BEFORE
from tests.packaging.starting import answer

# `compile` of a text without a file is what `dataclasses` does for each method of each class.
SCRIPT = """
import gc, json, sys
texts = []
sys.addaudithook(lambda event, given: event == "compile" and given[1] == "<string>" and texts.append(str(given[0])))
opened = []
sys.addaudithook(lambda event, given: event == "open" and str(given[0]).startswith(tuple(sys.path[:2])) and opened.append(str(given[0])))
collections = []
gc.callbacks.append(lambda phase, info: phase == "start" and collections.append(info["generation"]))
import re
patterns = []
parse = re._parser.parse
re._parser.parse = lambda pattern, *rest: patterns.append(str(pattern)) or parse(pattern, *rest)
import handlers.http
started = {"patterns": patterns, "methods": sum("def __create_fn__" in text for text in texts), "texts": len(texts), "collections": len(collections), "opened": opened}
import dataclasses
print(json.dumps(started | {
    "collects": gc.isenabled(), "frozen": gc.get_freeze_count(), "patched": "exec" in vars(dataclasses)
}))
"""


@pytest.fixture(scope="module")
def started(host_package: Unpacked) -> Any:
    return answer(host_package, SCRIPT)


def test_no_method_of_a_dataclass_is_compiled(started: Any) -> None:
    assert started["methods"] == 0
    assert started["texts"] > 100, "what else is compiled is noticed"


def test_no_pattern_is_compiled_but_those_of_the_interpreters_own_start(started: Any) -> None:
    assert len(started["patterns"]) <= 8, started["patterns"]


def test_modules_are_read_from_two_files_but_those_that_open_them(started: Any) -> None:
    modules = [path for path in started["opened"] if path.endswith((".py", ".pyc"))]
    assert [path for path in modules if path.endswith(".py")] == [], "what is not compiled"
    assert {
        "/".join(path.split("/")[-3:]).split(".")[0].replace("__pycache__/", "") for path in modules
    } == BEFORE
    packed = {path for path in started["opened"] if path.endswith(packed_modules.FILE)}
    assert len(packed) == 2


def test_nothing_is_collected_before_the_application_is_there(started: Any) -> None:
    assert started["collections"] <= 3, "of the interpreter's own start"


def test_afterwards_all_is_as_ever(started: Any) -> None:
    assert started["collects"]
    assert started["frozen"] > 100_000
    assert not started["patched"]
