"""A checkout with trusted documents has a package that need not parse or validate them."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from colonnade.registry import PluginState, PluginStatus
from infra import known_documents
from infra.local.toolchain import ROOT
from infra.packaging import Unpacked
from infra.packaging.building import alone_in, pack_app
from infra.packaging.bytecode import interpreter
from infra.packaging.package import unpack_for_reading
from infra.packaging.sources import Sources
from infra.packaging.target import host
from schema.compose import application
from tests.packaging.starting import answer

TRUSTED = "query Trusted { platform { plugins { name status } } }"
INVALID = "query Earlier { platform { gone } }"
SCRIPT = """
import json, sys
import colonnade.server.documents as documents
asked = []
for name in ("parse", "validate"):
    def noticed(*given, name=name, real=getattr(documents, name), **named):
        asked.append(name)
        return real(*given, **named)
    setattr(documents, name, noticed)
from handlers.http import handler
pickles = "pickle" in sys.modules
answers = [json.loads(handler(event, None)["body"]) for event in json.load(sys.stdin)]
print(json.dumps({"answers": answers, "asked": asked, "pickles": pickles}))
"""


@pytest.fixture(scope="module")
def packed(host_package: Unpacked, tmp_path_factory: pytest.TempPathFactory) -> Unpacked:
    """A package of this checkout with trusted documents."""
    folder = tmp_path_factory.mktemp("trusted")
    root = folder / "checkout"
    root.mkdir()
    for name in ("handlers", "infra", "plugins", "sdk", "plugins.lock.json"):
        (root / name).symlink_to(ROOT / name)
    shutil.copytree(ROOT / "schema", root / "schema")
    (root / "schema" / "documents.json").write_text(json.dumps([TRUSTED, INVALID]))
    with alone_in(folder) as scratch:
        python = interpreter(host().python)
        archive = pack_app(Sources(root), python, scratch, host_package.layer / "python")
        unpack_for_reading(archive, folder / "unpacked")
    return Unpacked(host_package.layer, folder / "unpacked")


def asked_by_hash(text: str) -> dict[str, Any]:
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": hashlib.sha256(text.encode()).hexdigest()}}
    return {
        "version": "2.0",
        "rawPath": "/graphql",
        "rawQueryString": "",
        "headers": {"content-type": "application/json"},
        "requestContext": {"http": {"method": "POST", "path": "/graphql"}, "requestId": "trusted"},
        "body": json.dumps({"extensions": extensions}),
        "isBase64Encoded": False,
    }


def test_a_trusted_document_is_neither_parsed_nor_validated(packed: Unpacked) -> None:
    said = answer(
        packed,
        SCRIPT,
        given=[asked_by_hash(TRUSTED), asked_by_hash(TRUSTED), asked_by_hash(INVALID)],
        COLONNADE_LOG_LEVEL="ERROR",
        COLONNADE_TRUSTED_DOCUMENTS="schema/documents.json",
    )
    first, again, refused = said["answers"]
    assert {plugin["status"] for plugin in first["data"]["platform"]["plugins"]} == {"ACTIVE"}
    assert first["data"] == again["data"]
    assert "Cannot query field 'gone'" in refused["errors"][0]["message"]
    assert not said["pickles"], "before anything is asked"
    assert said["asked"] == ["parse", "validate"], "of the one that is not valid"


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What a package would hold."""
    trusted = tmp_path / "documents.json"
    trusted.write_text(json.dumps([TRUSTED, INVALID]))
    file = tmp_path / "known_documents.bin"
    known_documents.keep(application(), trusted, file)
    monkeypatch.setattr(known_documents, "FILE", file)
    return file


def test_what_was_kept_is_found_again(kept: Path) -> None:
    found = known_documents.kept(application().statuses)
    assert found.document(TRUSTED) is not None
    assert found.document(INVALID) is None
    before = kept.read_bytes()
    known_documents.keep(application(), kept.with_name("documents.json"), kept)
    assert kept.read_bytes() == before


@pytest.mark.parametrize(
    "other",
    [
        PluginStatus("tips", "1", "module tips", PluginState.ACTIVE),
        PluginStatus("tips", "1", "module tips", PluginState.SKIPPED),
    ],
)
def test_with_other_plugins_nothing_is_known(other: PluginStatus, kept: Path) -> None:
    assert known_documents.kept([*application().statuses, other]).document(TRUSTED) is None
    assert known_documents.kept(application().statuses[1:]).document(TRUSTED) is None


def test_without_trusted_documents_there_is_no_file(tmp_path: Path) -> None:
    known_documents.keep(application(), tmp_path / "documents.json", tmp_path / "known")
    assert list(tmp_path.iterdir()) == []
