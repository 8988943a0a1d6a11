"""A checkout as small as one can be: enough for the builder, and built in seconds."""

from __future__ import annotations

import re
from pathlib import Path

from infra.local.toolchain import ROOT
from infra.packaging import Sources

_SDK = """
[project]
name = "colonnade"
version = "1.0.0"
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[tool.hatch.build.targets.wheel]
packages = ["src/colonnade"]
"""
_FILES = {
    "sdk/pyproject.toml": _SDK,
    "sdk/src/colonnade/__init__.py": "VERSIONS = {'1.0', '0.9', '0.8'}\n",
    "sdk/src/colonnade/new.py.template": "not Python\n",
    "handlers/__init__.py": "",
    "handlers/http.py": "def handler(event, context):\n    return {'a', 'b', 'c'} <= set(event)\n",
    "handlers/icon.svg": "<svg/>",
    "handlers/local.py": "raise SystemExit('a laptop only')\n",
    "infra/__init__.py": "",
    "infra/local/__init__.py": "",
    "infra/packaging/__init__.py": "",
    "infra/deployment/node_modules/left/pad.js": "",
    "plugins/greetings/__init__.py": "",
    "plugins/greetings/words.json": "[]",
    "plugins/greetings/tests/test_words.py": "",
    "plugins/.draft/__init__.py": "",
    "schema/documents.json": "[]",
    "plugins.lock.json": '{"colonnade": "1.0.0", "plugins": {}}',
    "schema/schema.graphql": "",
    "build/graphiql/index.html": "<html/>",
}


def small_checkout(root: Path, *packages: str) -> Sources:
    """A checkout at `root` whose lock names `packages` of our own lock."""
    for place, text in _FILES.items():
        (root / place).parent.mkdir(parents=True, exist_ok=True)
        (root / place).write_text(text)
    entries = [locked(package) for package in packages]
    (root / "requirements.lock").write_text("".join(entries))
    return Sources(root)


def locked(package: str) -> str:
    """What our lock says of one package, its hashes included."""
    text = (ROOT / "requirements.lock").read_text()
    entry = re.search(rf"^{re.escape(package)}==.*\n(?:    --hash.*\n)+", text, re.MULTILINE)
    assert entry is not None
    return entry[0]
