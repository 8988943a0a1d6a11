"""docs/operations.md, "Add a plugin": a stranger's wheel is named, locked, installed, written down and packed, and the
packed functions serve it. What is deployed stays what it was: the template knows no plugin."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from infra.dynamodb import DynamoDBSettings
from infra.local.sandbox import Sandbox
from infra.packaging import Package, PackagingFailed, Unpacked, host
from infra.packaging.locked_plugins import check_plugins
from tests.packaging import world as worlds
from tests.packaging.events import asked, data
from tests.packaging.strangers_path import NAMED, PACK, SET_UP, Checkout, copied, wheel_of_the_example

pytestmark = pytest.mark.dynamodb_local


@dataclass(frozen=True)
class Walked:
    """What came of it. `before`: plugins.lock.json as it was."""

    checkout: Checkout
    before: Path
    unpacked: Unpacked


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Walked:
    """The commands of the page, one after the other."""
    folder = tmp_path_factory.mktemp("strangers")
    checkout = copied(folder / "checkout")
    before = folder / "plugins.lock.json"
    shutil.copyfile(checkout.root / "plugins.lock.json", before)

    wheel_of_the_example(checkout.root / "wheels")
    project = checkout.root / "pyproject.toml"
    text = project.read_text()
    assert text.count("plugins = []") == 1
    project.write_text(text.replace("plugins = []", NAMED))

    ours = Path(sys.executable)
    checkout.run(ours, "-m", "infra.local.lock", "requirements.lock", "requirements-dev.lock")
    checkout.run(ours, "-c", SET_UP)
    checkout.run(checkout.bin / "colonnade", "lock")
    checkout.run(checkout.bin / "python", "-c", PACK)
    zips = checkout.root / "build" / "package"
    package = Package(host(), zips / "layer.zip", zips / "app.zip", bytecode=True)
    return Walked(checkout, before, package.unpack(folder / "unpacked"))


def test_the_locks_name_the_plugin_with_its_hash_and_no_place(walked: Walked) -> None:
    for lock in ("requirements.lock", "requirements-dev.lock"):
        text = (walked.checkout.root / lock).read_text()
        entry = text.partition("\ncolonnade-applause==1.0.0 \\\n")[2].splitlines()[0]
        assert entry.strip().startswith("--hash=sha256:")
        assert "\ncolonnade==" not in text, "the SDK is this checkout's"
        assert "find-links" not in text
        assert str(walked.checkout.root) not in text
    locked = json.loads((walked.checkout.root / "plugins.lock.json").read_text())
    assert locked["plugins"]["applause"] == {
        "version": "1.0.0",
        "distribution": "colonnade-applause",
        "sdk": ">=1.0,<2",
    }


def test_what_runs_on_a_laptop_has_the_plugin_too(walked: Walked) -> None:
    listed = json.loads(walked.checkout.run(walked.checkout.bin / "colonnade", "plugins", "--json"))
    (applause,) = (plugin for plugin in listed if plugin["name"] == "applause")
    assert (applause["status"], applause["distribution"]) == ("ACTIVE", "colonnade-applause")
    schema = (walked.checkout.root / "schema" / "schema.graphql").read_text()
    assert "applauseGiven(" in schema


def test_a_plugin_that_was_not_written_down_would_have_failed_the_build(walked: Walked) -> None:
    trees = [walked.unpacked.layer / "python", walked.unpacked.task]
    check_plugins(walked.checkout.root / "plugins.lock.json", trees)
    with pytest.raises(
        PackagingFailed, match=r"plugin applause: none is locked, and colonnade-applause 1\.0\.0"
    ):
        check_plugins(walked.before, trees)


def test_whoever_deploys_commits_locks_and_the_schema_and_no_other_template(walked: Walked) -> None:
    assert walked.checkout.changed() == {
        "plugins.lock.json",
        "pyproject.toml",
        "requirements-dev.lock",
        "requirements.lock",
        "schema/schema.graphql",
    }


@pytest.fixture(scope="module")
def world(dynamodb: DynamoDBSettings) -> Iterator[worlds.World]:
    with worlds.world(dynamodb, "http://127.0.0.1:9") as found:
        yield found


def test_the_packed_functions_serve_the_plugin_from_the_table_and_do_its_jobs(
    walked: Walked, world: worlds.World
) -> None:
    with Sandbox(walked.unpacked, "handlers.http.handler", world.environ) as http:
        given = data(http.invoke(asked('{ applauseGiven(by: "usr_ada") { edges { node { id } } } }')))
        assert given == {"applauseGiven": {"edges": []}}
    with Sandbox(walked.unpacked, "handlers.jobs.handler", world.environ) as jobs:
        assert "applause.choose-token" in jobs.invoke({"tick": True}).payload["due"]
        assert jobs.invoke({"job": "applause.choose-token"}).payload == {}
