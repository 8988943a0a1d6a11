"""Parameters complete the environment of a process that names them, and of no other."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.handlers.sample import ENVIRON

ROOT = Path(__file__).resolve().parents[2]
SECRETS = {
    "COLONNADE_CURSOR_KEY": ENVIRON["COLONNADE_CURSOR_KEY"],
    "IDENTITY_SIGNING_KEYS": "test:private:" + "A" * 43,
}
MISPLACED = "correct-horse-battery"
SCRIPT = """
import json, logging, sys
from handlers import runtime
application = runtime.application()
logging.getLogger("plugins.careless").error("cannot use %s", application.settings.cursor_key)
print(json.dumps({"secrets": sorted(application.secrets), "imported": "infra.secrets" in sys.modules}))
"""


@contextmanager
def parameter_store(secrets: Mapping[str, str] = SECRETS) -> Iterator[tuple[str, list[str]]]:
    """The URL of an SSM that has `secrets`, encrypted, and a table's name; and what it was asked."""
    asked: list[str] = []

    class Ssm(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.rfile.read(int(self.headers["content-length"])).decode())
            found = [
                {"Name": f"/colonnade/test/{n}", "Value": v, "Type": "SecureString"}
                for n, v in secrets.items()
            ]
            found.append({"Name": "/colonnade/test/COLONNADE_TABLE", "Value": "theirs", "Type": "String"})
            body = json.dumps({"Parameters": found}).encode()
            self.send_response(200)
            self.send_header("content-type", "application/x-amz-json-1.1")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Ssm) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()
        thread.join()


def started(environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", SCRIPT],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", **environ},
        check=False,
        timeout=60,
    )


def test_one_round_trip_completes_the_environment_and_no_log_shows_what_it_brought() -> None:
    with parameter_store() as (url, asked):
        process = started(
            {
                "AWS_ENDPOINT_URL_SSM": url,
                "COLONNADE_PARAMETERS": "/colonnade/test",
                "COLONNADE_TABLE": "ours",
            }
        )
    assert process.returncode == 0, process.stderr
    *lines, result = process.stdout.splitlines()
    assert set(SECRETS.values()) <= set(json.loads(result)["secrets"])
    assert [json.loads(line)["message"] for line in lines] == [
        "The environment overrides parameters",
        "cannot use [hidden]",
    ]
    assert json.loads(lines[0])["names"] == ["COLONNADE_TABLE"]
    assert [json.loads(body) for body in asked] == [
        {"Path": "/colonnade/test", "WithDecryption": True, "Recursive": False}
    ]


def test_without_the_setting_nothing_is_asked_or_imported() -> None:
    with parameter_store() as (url, asked):
        process = started({"AWS_ENDPOINT_URL_SSM": url, **SECRETS})
    assert process.returncode == 0, process.stderr
    assert json.loads(process.stdout.splitlines()[-1])["imported"] is False
    assert asked == []


def test_a_path_that_cannot_be_read_stops_the_start_and_is_named() -> None:
    process = started({"COLONNADE_PARAMETERS": "colonnade"})
    assert process.returncode != 0
    assert "COLONNADE_PARAMETERS is a path as in /colonnade/prod, not 'colonnade'" in process.stderr


def test_a_secret_under_the_name_of_what_is_none_stops_the_start_unseen() -> None:
    with parameter_store({**SECRETS, "IDENTITY_ACCESS": MISPLACED}) as (url, _):
        process = started({"AWS_ENDPOINT_URL_SSM": url, "COLONNADE_PARAMETERS": "/colonnade/test"})
    assert process.returncode != 0
    assert "IDENTITY_ACCESS: '[hidden]' is not" in process.stderr
    assert MISPLACED not in process.stdout + process.stderr
