"""`serverless.yml` as CloudFormation, rendered by osls in a folder of its own, so that several may render at once."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from infra.deployment.no_stack import no_stack
from infra.local import on_demand, toolchain
from infra.local.toolchain import ROOT

OUTPUT: Final = ROOT / "build" / "cloudformation"
PACKAGES: Final = ROOT / "build" / "package"
TEMPLATE: Final = "cloudformation-template-update-stack.json"

STAGES: Final = ("dev", "prod")
"""Those with parameters of their own; any other has those of dev."""

PARAMETERS: Final = (
    "alarmEmail",
    "apiGatewayLogsRole",
    "deletionProtection",
    "deliverers",
    "dollarsPerHour",
    "logDays",
    "messagesInBurst",
    "messagesPerSecond",
    "operator",
    "origins",
    "parametersKey",
    "parametersRevision",
    "requestsInBurst",
    "requestsPerSecond",
    "watchOptimism",
    "workers",
)
_SWITCHES: Final = ("apiGatewayLogsRole", "operator", "watchOptimism")

REGION: Final = "us-east-1"
"""Where nobody says another."""

_STAGE: Final = re.compile(r"[a-z][a-z0-9-]{0,15}")
_REGION: Final = re.compile(r"[a-z]{2}(-[a-z]+){1,3}-[0-9]")
_KEY_ID: Final = re.compile(r"[A-Za-z0-9-]*")
_SECONDS: Final = 120


class RenderingFailed(Exception):
    """What went wrong, and what to do about it. No template is left that looks whole."""


def render(
    stage: str,
    parameters: Mapping[str, str] | None = None,
    *,
    region: str = REGION,
    packages: Path = PACKAGES,
    output: Path | None = None,
) -> Path:
    """The template of a stage, in `output` (`build/cloudformation/<stage>`), with what `osls deploy --package` reads.

    `parameters`: those of `serverless.yml` that are not to be the stage's own. `region`: where `osls` deploys it to, unless
    it is told otherwise; the template itself names none. `packages`: the folder of layer.zip and app.zip, whose hashes are
    part of the template. Raises `RenderingFailed`, `SetupFailed` and `ToolMissing`.
    """
    given = dict(parameters or {})
    _check(stage, region, given, packages)
    folder = output or OUTPUT / stage
    osls = on_demand.node_project(ROOT / "infra" / "deployment") / "osls" / "bin" / "serverless.js"
    shutil.rmtree(folder, ignore_errors=True)
    with tempfile.TemporaryDirectory() as scratch, no_stack() as cloudformation:
        service = Path(scratch)
        shutil.copy(ROOT / "serverless.yml", service)
        shutil.copytree(ROOT / "infra" / "resources", service / "infra" / "resources")
        (service / "build").mkdir()
        (service / "build" / "package").symlink_to(packages.resolve(), target_is_directory=True)
        options = [f"--param={name}={value}" for name, value in given.items()]
        command = [str(toolchain.node()), str(osls), "package", "--stage", stage, "--region", region]
        command += ["--package", str(folder.resolve()), *options]
        done = subprocess.run(  # noqa: S603 - everything in it is ours, or was checked
            command,
            cwd=service,
            env=_environment(service, cloudformation),
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    template = folder / TEMPLATE
    if done.returncode or not template.exists():
        shutil.rmtree(folder, ignore_errors=True)
        raise RenderingFailed(f"osls cannot render the stage {stage}:\n{done.stdout}{done.stderr}".rstrip())
    return template


def _check(stage: str, region: str, parameters: Mapping[str, str], packages: Path) -> None:
    if not _STAGE.fullmatch(stage):
        raise RenderingFailed(
            f"{stage!r} is no stage: 1 to 16 small letters, digits and hyphens, a letter first, as in prod"
        )
    if not _REGION.fullmatch(region):
        raise RenderingFailed(f"{region!r} is no region of AWS, as eu-west-1 is")
    if unknown := sorted(set(parameters) - set(PARAMETERS)):
        raise RenderingFailed(
            f"no parameter is called {', '.join(unknown)}; there are {', '.join(PARAMETERS)}"
        )
    for name, value in parameters.items():
        if not value.isprintable() or "${" in value:
            raise RenderingFailed(f"the parameter {name} is one line of text, and refers to nothing")
        if name in _SWITCHES and value not in {"on", "off"}:
            raise RenderingFailed(f"the parameter {name} is on or off, not {value!r}")
    if not _KEY_ID.fullmatch(parameters.get("parametersKey", "")):
        raise RenderingFailed("the parameter parametersKey is the id of a key, not its ARN or an alias")
    for archive in ("layer.zip", "app.zip"):
        if not (packages / archive).is_file():
            raise RenderingFailed(f"there is no {packages / archive}: run `make package`")


def _environment(home: Path, cloudformation: str) -> dict[str, str]:
    """One in which nothing of this person's, or of AWS, can be found."""
    return {
        "PATH": toolchain.environment()["PATH"],
        "HOME": str(home),
        "AWS_ACCESS_KEY_ID": "nobody",
        "AWS_SECRET_ACCESS_KEY": "nobody",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL_CLOUDFORMATION": cloudformation,
        "NODE_NO_WARNINGS": "1",
        "SLS_TELEMETRY_DISABLED": "1",
        "SLS_NOTIFICATIONS_MODE": "off",
    }
