"""Cold: from the start of a process to its first answer, without the network between."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

from benchmarks.asked import SMALL, event
from benchmarks.cases import Case, Group, Measured
from benchmarks.compositions import packaged_with
from benchmarks.processes import measured
from benchmarks.settings import PEERS, RESULTS, Effort, environment
from infra import packed_modules
from infra.local.toolchain import ROOT
from infra.packaging import Unpacked
from infra.packaging.bytecode import compile_tree

LIMIT: Final = 1.25
FEW: Final = 1.1
"""The limit with ten types, and no plugin of ours."""

TYPES: Final = "cold-types"
STARTS: Final = 3
"""Starts for one figure, of which the quickest counts: what else a shared machine does can only add to one."""

REFERENCE: Final = "import strawberry, create a boto3 client of DynamoDB"
UNPRUNED: Final = "the same, installed by pip, nothing pruned"
DEFINED: Final = "Strawberry, called directly"
_DOCUMENT: Final = "{ platform { version } }"
_HASH: Final = hashlib.sha256(_DOCUMENT.encode()).hexdigest()

_IMPORTING: Final = """
import strawberry, boto3
boto3.client("dynamodb", region_name="us-east-1")
print("null")
"""
_HANDLING: Final = """
import json, sys
from handlers.http import handler
print(json.dumps(json.loads(handler(json.loads(sys.argv[1]), None)["body"])["data"]))
"""
_BARE: Final = """
import asyncio, json, sys
from benchmarks.peers.strawberry_peer import cached_schema
body = json.loads(json.loads(sys.argv[1])["body"])
result = asyncio.run(cached_schema().execute(body["query"], variable_values=body["variables"]))
print(json.dumps(result.data))
"""


class _Table(BaseHTTPRequestHandler):
    """DynamoDB, as far as one GetItem goes: the document that the hash names."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        assert self.headers["x-amz-target"].endswith(".GetItem")
        item = {
            **asked["Key"],
            "digest": {"S": _HASH},
            "text": {"S": _DOCUMENT},
            "_expires_at": {"N": "4000000000"},
        }
        body = json.dumps({"Item": item}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/x-amz-json-1.0")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quietly."""


@contextmanager
def groups(package: Unpacked, node: str, effort: Effort) -> Iterator[Sequence[Group]]:
    """The groups, as long as the table is there. `node`: the program that runs JavaScript."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Table)
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    try:
        table = f"http://127.0.0.1:{server.server_port}"
        beside = _imported(package)
        yield [
            _with_one_read(package, table, beside),
            _by_types(package, table, effort, beside),
            _from_memory(package, node),
        ]
    finally:
        server.shutdown()
        serving.join()
        server.server_close()


def _with_one_read(package: Unpacked, table: str, beside: Case) -> Group:
    return Group(
        "cold",
        "Cold start to the first answer, with one GetItem; identity, trading and the platform's plugins",
        "start",
        REFERENCE,
        (
            _answering("Colonnade, packaged", package, table),
            beside,
            Case(UNPRUNED, lambda: _python(["-c", _IMPORTING], environment())),
        ),
        LIMIT,
        same_answer=False,
    )


def _by_types(package: Unpacked, table: str, effort: Effort, beside: Case) -> Group:
    """The fewest types are first, and promised something."""
    made = {count: packaged_with(count, package) for count in effort.starts}
    cases = (_answering(with_types(count), composed, table) for count, composed in made.items())
    title = f"Cold start to the first answer, with one GetItem, by types; promised with {min(made)}"
    return Group(TYPES, title, "start", REFERENCE, (*cases, beside), FEW, same_answer=False)


def with_types(count: int) -> str:
    """The case of a composition."""
    return f"Colonnade, packaged, {count} types in plugins"


def _answering(name: str, package: Unpacked, table: str) -> Case:
    named = event(None, extensions={"persistedQuery": {"version": 1, "sha256Hash": _HASH}})
    return _packaged(name, _HANDLING, package, named, COLONNADE_DYNAMODB_ENDPOINT=table)


def _from_memory(package: Unpacked, node: str) -> Group:
    small = event(SMALL, {"id": "user_7"})
    argument = json.dumps(small)

    def bare() -> Measured:
        return _python(["-c", _BARE, argument], environment())

    def peer(name: str) -> Measured:
        found = _quickest([node, PEERS / name, argument], environment(), ROOT)
        assert isinstance(found.answer, dict)
        return Measured(found.cpu, found.answer["data"])

    return Group(
        "cold-memory",
        "Cold start to the first answer, no database",
        "start",
        DEFINED,
        (
            _packaged("Colonnade, packaged, all its plugins", _HANDLING, package, event(_DOCUMENT)),
            Case(DEFINED, bare),
            Case("Apollo Server on its Lambda adapter", lambda: peer("apollo.mjs")),
            Case("Mercurius with jit on Fastify's Lambda adapter", lambda: peer("mercurius.mjs")),
        ),
        same_answer=False,
    )


def _packaged(name: str, program: str, package: Unpacked, given: object = None, **variables: str) -> Case:
    """A program in the package, and with nothing else to import; as a function, which has this variable."""
    modules = f"{package.task}:{package.layer / 'python'}"
    given_environment = environment(
        **variables, PYTHONPATH=modules, AWS_LAMBDA_RUNTIME_API="127.0.0.1:9", COLONNADE_LOG_LEVEL="ERROR"
    )
    options = ["-B", "-P", "-s", "-S", "-c", program, json.dumps(given)]
    return Case(name, lambda: _python(options, given_environment))


def _imported(package: Unpacked) -> Case:
    """The same modules without what a package adds: each with its bytecode beside it, as Python has them everywhere."""
    modules = RESULTS / "modules"
    shutil.rmtree(modules, ignore_errors=True)
    shutil.copytree(package.layer / "python", modules, ignore=shutil.ignore_patterns(packed_modules.FILE))
    compile_tree(Path(sys.executable), modules, str(modules))
    options = ["-B", "-P", "-s", "-S", "-c", _IMPORTING]
    return Case(REFERENCE, lambda: _python(options, environment(PYTHONPATH=str(modules))))


def _python(arguments: Sequence[str | Path], variables: dict[str, str]) -> Measured:
    return _quickest([sys.executable, *arguments], variables, RESULTS)


def _quickest(command: Sequence[str | Path], variables: dict[str, str], folder: Path) -> Measured:
    return min((measured(command, variables, folder) for _ in range(STARTS)), key=lambda found: found.cpu)
