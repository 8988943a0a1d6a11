"""What runs on GitHub is what .ci holds, and what a person runs."""

from __future__ import annotations

import json
import os
import re
import subprocess
from typing import Any, Final

import pytest

from infra.local import on_demand
from infra.local.toolchain import ROOT

WORKFLOWS: Final = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
READ: Final = "import json, sys, yaml; print(json.dumps(yaml.load(sys.stdin, yaml.BaseLoader)))"


@pytest.fixture(scope="module")
def jobs() -> dict[str, Any]:
    """Every job of every workflow; the audit's environment can read YAML."""
    python = on_demand.python_environment("audit")
    found: dict[str, Any] = {}
    for workflow in WORKFLOWS:
        ran = subprocess.run(
            [python, "-c", READ], input=workflow.read_text(), capture_output=True, text=True, check=True
        )
        read = json.loads(ran.stdout)
        assert set(read) == {"name", "on", "permissions", "concurrency", "jobs"}, "on is not taken for true"
        assert read["permissions"] == {"contents": "read"}
        found |= read["jobs"]
    return found


def test_every_job_runs_one_of_our_scripts_and_ends(jobs: dict[str, Any]) -> None:
    assert set(jobs) == {"run", "audit"}
    for name, job in jobs.items():
        assert int(job["timeout-minutes"]) <= 60
        (command,) = [step["run"] for step in job["steps"] if "run" in step]
        assert command.split()[0] == f".ci/{name}"


def test_audit_is_what_a_person_runs_and_has_to_be_complete_each_day(jobs: dict[str, Any]) -> None:
    script = ROOT / ".ci" / "audit"
    assert re.findall(r"^make .*$", script.read_text(), re.MULTILINE) == ['make audit ARGS="$*"']
    assert os.access(script, os.X_OK)
    assert "event_name == 'schedule' && '--complete'" in jobs["audit"]["steps"][-1]["run"]
