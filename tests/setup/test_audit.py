"""pip-audit and npm audit against a service that finds nothing, finds something, talks nonsense, or is not there."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import pytest

from infra.local import on_demand, toolchain
from infra.local.audit import npm_audit, pip_audit
from infra.local.audit.__main__ import audited, locks, main, report
from infra.local.audit.outcome import Finding, NotRun, Outcome
from infra.local.steps import SetupFailed
from infra.local.toolchain import ROOT

PYTHON_LOCK: Final = f"""\
six==1.17.0 \\
    --hash=sha256:{"0" * 64}
pluggy==1.7.0 ; sys_platform != 'win32' \\
    --hash=sha256:{"0" * 64}
"""
PACKAGES: Final[dict[str, Any]] = {
    "": {"name": "audited", "version": "1.0.0", "dependencies": {"left-pad": "1.3.0", "ws": "8.23.0"}},
    "node_modules/left-pad": {"version": "1.3.0"},
    "node_modules/ws": {"version": "8.23.0"},
}
NPM_LOCK: Final = {"name": "audited", "lockfileVersion": 3, "packages": PACKAGES}
AGAINST_SIX: Final = {
    "id": "GHSA-0000-0000-0001",
    "summary": "Six is seven",
    "affected": [{"package": {"name": "six", "ecosystem": "PyPI"}, "versions": ["1.17.0"]}],
}
AGAINST_LEFT_PAD: Final = {
    "id": 1,
    "url": "https://github.com/advisories/GHSA-0000-0000-0002",
    "title": "Pads on the right",
    "severity": "high",
    "vulnerable_versions": "<=1.3.0",
    "cwe": [],
    "cvss": {"score": 0, "vectorString": None},
}


class Service:
    """Advisories of OSV and of npm, as `say` has them: a status, and a body to be sent as JSON or as it is."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.status = 200
        self.known: dict[str, Any] = {}
        self.nonsense: str | None = None
        service = self

        class Answering(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                unpacked = gzip.decompress(body) if self.headers.get("content-encoding") == "gzip" else body
                answer = service.answer(self.path, json.loads(unpacked)).encode()
                self.send_response(service.status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def do_GET(self) -> None:
                self.send_error(404)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def answer(self, path: str, asked: Any) -> str:
        self.asked.append(asked)
        if self.nonsense is not None:
            return self.nonsense
        if path.startswith("/osv"):
            known = self.known.get(asked["package"]["name"])
            return json.dumps({"vulns": [known]} if known else {})
        return json.dumps({name: [self.known[name]] for name in asked if name in self.known})


@pytest.fixture
def service() -> Iterator[Service]:
    made = Service()
    thread = threading.Thread(target=made.server.serve_forever)
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


@pytest.fixture(scope="module")
def program() -> Path:
    return on_demand.python_environment("audit").with_name("pip-audit")


@pytest.fixture
def python_lock(tmp_path: Path) -> Path:
    lock = tmp_path / "some.lock"
    lock.write_text(PYTHON_LOCK)
    return lock


@pytest.fixture
def npm_lock(tmp_path: Path) -> Path:
    dependencies = PACKAGES[""]["dependencies"]
    (tmp_path / "package.json").write_text(json.dumps({"name": "audited", "dependencies": dependencies}))
    lock = tmp_path / "package-lock.json"
    lock.write_text(json.dumps(NPM_LOCK))
    shutil.copy(ROOT / ".npmrc", tmp_path)
    return lock


def test_python_lock_is_asked_about_whole_and_found_clean(
    program: Path, python_lock: Path, service: Service
) -> None:
    assert pip_audit.audit(program, python_lock, f"{service.url}/osv") == []
    assert {asked["package"]["name"]: asked["version"] for asked in service.asked} == {
        "six": "1.17.0",
        "pluggy": "1.7.0",
    }


def test_advisory_against_a_distribution_is_a_finding(
    program: Path, python_lock: Path, service: Service
) -> None:
    service.known = {"six": AGAINST_SIX}
    assert pip_audit.audit(program, python_lock, f"{service.url}/osv") == [
        Finding("six", "1.17.0", "GHSA-0000-0000-0001", "Six is seven")
    ]


@pytest.mark.parametrize(("status", "nonsense"), [(200, "<html>"), (503, "{}")])
def test_python_lock_of_which_nothing_was_learned_is_not_clean(
    program: Path, python_lock: Path, service: Service, status: int, nonsense: str
) -> None:
    service.status, service.nonsense = status, nonsense
    with pytest.raises(NotRun):
        pip_audit.audit(program, python_lock, f"{service.url}/osv")


def test_python_service_that_is_not_there_leaves_the_lock_unaudited(program: Path, python_lock: Path) -> None:
    with pytest.raises(NotRun, match="refused"):
        pip_audit.audit(program, python_lock, "http://127.0.0.1:1/osv")


def test_distributions_that_the_service_does_not_know_were_not_audited() -> None:
    """With status 0, and without a finding: as it is where a registry has packages and no advisories."""
    skipped = {"name": "six", "skip_reason": "Dependency not found on PyPI"}
    known = {"name": "pluggy", "version": "1.7.0", "vulns": []}
    with pytest.raises(NotRun, match="1 of 2 were skipped: Dependency not found on PyPI"):
        pip_audit.findings(json.dumps({"dependencies": [skipped, known]}), 0)
    affected = {**known, "vulns": [{"id": "GHSA-1", "description": "Plugs\nand more"}]}
    assert pip_audit.findings(json.dumps({"dependencies": [skipped, affected]}), 1) == [
        Finding("pluggy", "1.7.0", "GHSA-1", "Plugs")
    ]


@pytest.mark.parametrize(
    ("output", "status"), [("", 1), ("[]", 0), ('{"dependencies": []}', 1), ('{"dependencies": [{}]}', 0)]
)
def test_what_is_no_report_is_not_clean(output: str, status: int) -> None:
    with pytest.raises(NotRun):
        pip_audit.findings(output, status)


def test_npm_lock_is_asked_about_whole_and_found_clean(npm_lock: Path, service: Service) -> None:
    assert npm_audit.audit(toolchain.npm(), npm_lock, service.url) == []
    assert service.asked == [{"left-pad": ["1.3.0"], "ws": ["8.23.0"]}]


def test_advisory_against_a_package_is_a_finding(npm_lock: Path, service: Service) -> None:
    service.known = {"left-pad": AGAINST_LEFT_PAD}
    assert npm_audit.audit(toolchain.npm(), npm_lock, service.url) == [
        Finding("left-pad", "<=1.3.0", str(AGAINST_LEFT_PAD["url"]), "Pads on the right")
    ]


@pytest.mark.parametrize(("status", "nonsense"), [(200, "<html>"), (405, "")])
def test_npm_lock_of_which_nothing_was_learned_is_not_clean(
    npm_lock: Path, service: Service, status: int, nonsense: str
) -> None:
    service.status, service.nonsense = status, nonsense
    with pytest.raises(NotRun):
        npm_audit.audit(toolchain.npm(), npm_lock, service.url)


def test_npm_registry_that_is_not_there_leaves_the_lock_unaudited(npm_lock: Path) -> None:
    with pytest.raises(NotRun, match="ECONNREFUSED"):
        npm_audit.audit(toolchain.npm(), npm_lock, "http://127.0.0.1:1")


def clean(lock: Path) -> Sequence[Finding]:
    return []


def with_finding(lock: Path) -> Sequence[Finding]:
    return [Finding("six", "1.17.0", "GHSA-1", "Six is seven")]


def unanswered(lock: Path) -> Sequence[Finding]:
    raise NotRun("nobody answers")


def test_each_lock_is_told_of_by_itself(tmp_path: Path) -> None:
    asked = [
        (tmp_path / "a.lock", clean),
        (tmp_path / "b.lock", with_finding),
        (tmp_path / "c.lock", unanswered),
    ]
    assert [outcome.word for outcome in audited(iter(asked), tmp_path)] == ["clean", "1 findings", "not run"]
    accepted = {"GHSA-1": "six is not called here"}
    assert [outcome.word for outcome in audited(iter(asked), tmp_path, accepted)] == [
        "clean",
        "clean",
        "not run",
    ]


@pytest.mark.parametrize(
    ("outcomes", "complete", "status", "told"),
    [
        ([Outcome("a.lock")], True, 0, "a.lock  clean"),
        (
            [Outcome("a.lock"), Outcome("b.lock", with_finding(Path()))],
            False,
            1,
            "six 1.17.0  GHSA-1  Six is seven",
        ),
        ([Outcome("a.lock"), Outcome("b.lock", not_run="no answer")], False, 0, "b.lock  not run  no answer"),
        (
            [Outcome("a.lock"), Outcome("b.lock", not_run="no answer")],
            False,
            0,
            "1 of 2 locks were NOT audited",
        ),
        ([Outcome("b.lock", not_run="no answer")], True, 2, "1 of 1 locks were NOT audited"),
        ([Outcome("a.lock", with_finding(Path())), Outcome("b.lock", not_run="no")], True, 1, "1 of 2"),
    ],
)
def test_findings_fail_and_what_was_not_run_is_never_called_clean(
    outcomes: list[Outcome], complete: bool, status: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert report(iter(outcomes), complete=complete) == status
    said = "\n".join(
        "  ".join(filter(None, line.split("  "))) for line in capsys.readouterr().out.splitlines()
    )
    assert told in said.replace("   ", "  ")


def test_every_lock_of_the_project_is_audited() -> None:
    kept = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.lock", "*package-lock.json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    named = {lock for lock, _ in locks()}
    assert named == {ROOT / lock for lock in kept}


def test_python_lock_whose_auditor_cannot_be_installed_is_not_audited(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing(name: str) -> Path:
        raise SetupFailed(f"no packages for {name}:\na long story", "check the network")

    monkeypatch.setattr(on_demand, "python_environment", missing)
    [outcome] = audited(iter([next(locks())]))
    assert outcome.not_run == "pip-audit cannot be installed: no packages for audit:"


def test_unknown_option_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--completely"]) == 2
    assert "there is only --complete" in capsys.readouterr().err
