"""Templates of two deployments, the plainest and the fullest, rendered once for each state of what they are made of."""

from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import pytest

from infra.deployment import render
from infra.local.toolchain import ROOT
from tests.deployment.template import Template

KEPT: Final = ROOT / "build" / "templates"
WITH_EVERYTHING: Final = {
    "operator": "on",
    "watchOptimism": "on",
    "apiGatewayLogsRole": "off",
    "alarmEmail": "people@example.org",
    "parametersKey": "1234abcd-12ab-34cd-56ef-1234567890ab",
    "parametersRevision": "7",
    "deliverers": "30",
    "origins": "https://app.example,https://www.example",
}
DEPLOYMENTS: Final[Mapping[str, tuple[str, str, Mapping[str, str]]]] = {
    "plain": ("dev", "us-east-1", {}),
    "everything": ("prod", "eu-west-1", WITH_EVERYTHING),
}

Rendered = Callable[[str], Template]


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of zips with nothing in them, the same bytes every time."""
    folder = tmp_path_factory.mktemp("packages")
    for name in ("layer", "app"):
        with zipfile.ZipFile(folder / f"{name}.zip", "w") as archive:
            archive.writestr(zipfile.ZipInfo("nothing"), name)
    return folder


@pytest.fixture(scope="session")
def rendered(packages: Path) -> Rendered:
    """The template of one of `DEPLOYMENTS`."""

    def template(name: str) -> Template:
        return Template(_kept(name, packages))

    return template


@pytest.fixture(scope="session", params=DEPLOYMENTS)
def template(request: pytest.FixtureRequest, rendered: Rendered) -> Template:
    """Each of the deployments in turn."""
    return rendered(request.param)


@pytest.fixture(scope="session")
def plain(rendered: Rendered) -> Template:
    return rendered("plain")


@pytest.fixture(scope="session")
def everything(rendered: Rendered) -> Template:
    return rendered("everything")


def _kept(name: str, packages: Path) -> Path:
    stage, region, parameters = DEPLOYMENTS[name]
    folder = KEPT / f"{_fingerprint(stage, region, parameters)}-{name}"
    template = folder / "cloudformation-template-update-stack.json"
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / f"{name}.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if not template.exists():
            for old in KEPT.glob(f"*-{name}"):
                shutil.rmtree(old)
            render(stage, parameters, region=region, packages=packages, output=folder)
    return template


def _fingerprint(stage: str, region: str, parameters: Mapping[str, str]) -> str:
    sources = [
        ROOT / "serverless.yml",
        *sorted((ROOT / "infra" / "resources").glob("*.yml")),
        ROOT / "infra" / "deployment" / "rendering.py",
        ROOT / "infra" / "deployment" / "package-lock.json",
    ]
    seed = json.dumps([stage, region, dict(parameters), *(source.read_text() for source in sources)])
    return hashlib.sha256(seed.encode()).hexdigest()[:16]
