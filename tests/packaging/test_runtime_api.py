"""What stands in for Lambda: events, answers, errors, time-outs and ends, as AWS's runtime meets them."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from infra.local.runtime_api import LARGEST_ANSWER, RuntimeApi
from infra.local.sandbox import InitFailed, Sandbox
from infra.packaging import Unpacked

FUNCTION = """
import os, sys, time

calls = 0

def handler(event, context):
    global calls
    calls += 1
    match event["do"]:
        case "answer":
            return {
                "event": event, "calls": calls, "variables": sorted(os.environ),
                "seconds": context.get_remaining_time_in_millis() / 1000, "path": sys.path,
            }
        case "raise":
            raise KeyError("nothing there")
        case "exit":
            os._exit(3)
        case "sleep":
            time.sleep(60)
        case "answer too much":
            return "x" * event["bytes"]
"""


@pytest.fixture
def unpacked(tmp_path: Path) -> Unpacked:
    """A package of one function."""
    (tmp_path / "task").mkdir()
    (tmp_path / "task" / "work.py").write_text(FUNCTION)
    return Unpacked(tmp_path / "layer", tmp_path / "task")


def test_one_sandbox_answers_event_after_event(unpacked: Unpacked) -> None:
    with Sandbox(unpacked, "work.handler", {"OURS": "1"}) as sandbox:
        first = sandbox.invoke({"do": "answer", "text": "ä"}, timeout=17.0)
        assert first.payload["event"] == {"do": "answer", "text": "ä"}
        assert 15.0 < first.payload["seconds"] <= 17.0
        assert sandbox.invoke({"do": "answer"}).payload["calls"] == 2
        assert sandbox.init_seconds > 0 < first.seconds
        variables = set(first.payload["variables"])
        assert {name for name in variables if not name.startswith(("AWS_", "_", "LC_"))} == {
            *("LAMBDA_TASK_ROOT", "LANG", "OURS", "PATH", "PYTHONNOUSERSITE", "PYTHONPATH", "TZ")
        }
        task, layer = str(unpacked.task), str(unpacked.layer / "python")
        assert [path for path in first.payload["path"] if path in {task, layer}] == [task, layer]


def test_an_error_is_told_and_the_next_event_is_answered(unpacked: Unpacked) -> None:
    with Sandbox(unpacked, "work.handler", {}) as sandbox:
        failed = sandbox.invoke({"do": "raise"})
        assert failed.fault is not None
        assert (failed.payload, failed.fault.type, failed.fault.message) == (
            None,
            "KeyError",
            "'nothing there'",
        )
        assert any("work.py" in line for line in failed.fault.trace)
        assert "nothing there" in sandbox.said
        assert sandbox.invoke({"do": "answer"}).payload["calls"] == 2
        too_much = sandbox.invoke({"do": "answer too much", "bytes": LARGEST_ANSWER}).fault
        assert too_much is not None
        assert too_much.type == "Function.ResponseSizeTooLarge"


@pytest.mark.parametrize(
    ("does", "timeout", "kind"), [("exit", 29.0, "Runtime.ExitError"), ("sleep", 0.3, "Sandbox.Timedout")]
)
def test_what_ends_a_sandbox_ends_it_for_good(
    unpacked: Unpacked, does: str, timeout: float, kind: str
) -> None:
    with Sandbox(unpacked, "work.handler", {}) as sandbox:
        ended, after = sandbox.invoke({"do": does}, timeout), sandbox.invoke({"do": "answer"})
    assert ended.fault is not None
    assert ended.fault.type == kind
    assert after.fault is not None
    assert after.fault.type == "Runtime.ExitError"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("raise LookupError('no key')", "LookupError"),
        ("import os; os._exit(7)", "Runtime.ExitError"),
        ("def other(): ...", "Runtime.HandlerNotFound"),
        ("import absent", "Runtime.ImportModuleError"),
        ("import time; time.sleep(60)", "Sandbox.Timedout"),
    ],
)
def test_a_function_that_does_not_start_says_why(unpacked: Unpacked, code: str, kind: str) -> None:
    (unpacked.task / "work.py").write_text(code)
    with pytest.raises(InitFailed) as failed:
        Sandbox(unpacked, "work.handler", {}, patience=1.0 if kind == "Sandbox.Timedout" else 60.0)
    assert failed.value.fault.type == kind


def test_a_snapshot_waits_to_be_restored(unpacked: Unpacked) -> None:
    with Sandbox(unpacked, "work.handler", {}, snap_start=True) as sandbox:
        sandbox.restore()
        assert sandbox.invoke({"do": "answer"}).payload["calls"] == 1


def test_what_is_no_part_of_the_api_is_refused() -> None:
    with RuntimeApi() as api:
        for method, path, status in (
            ("GET", "/elsewhere", 404),
            ("POST", "/2018-06-01/runtime/elsewhere", 404),
            ("POST", "/2018-06-01/runtime/invocation/nobody/response", 400),
        ):
            request = urllib.request.Request(f"http://{api.address}{path}", method=method, data=b"{}")
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(request, timeout=10)
            with refused.value as error:
                assert error.code == status
                json.loads(error.read())
