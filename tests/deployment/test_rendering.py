"""Rendering needs no AWS, refuses what cannot be deployed, and what it makes has nothing that cfn-lint objects to."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from infra.deployment import STAGES, RenderingFailed, faults, render
from infra.deployment import __main__ as command
from infra.deployment.linting import IGNORED
from infra.deployment.rendering import PARAMETERS
from infra.local.toolchain import ROOT
from tests.deployment.conftest import DEPLOYMENTS, Rendered
from tests.deployment.template import Template


def test_of_a_wrong_template_and_ours_cfn_lint_objects_to_the_wrong_one(
    plain: Template, everything: Template, tmp_path: Path
) -> None:
    wrong = tmp_path / "template.json"
    wrong.write_text('{"Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"Fifo": true}}}}')
    [fault] = faults(plain.file, wrong, everything.file)
    assert fault.startswith("E3002, Resources.Queue.Properties.Fifo: ")


def test_each_rule_that_is_not_asked_has_a_reason() -> None:
    assert all(len(reason) > 20 for reason in IGNORED.values())


def test_what_may_be_chosen_is_what_the_service_names() -> None:
    service = (ROOT / "serverless.yml").read_text()
    everywhere, in_production = re.split(r"^  prod:$", service.split("\nprovider:")[0], flags=re.MULTILINE)
    named = re.findall(r"^    (\w+):", everywhere, re.MULTILINE)
    assert sorted(named) == list(PARAMETERS)
    assert set(re.findall(r"^    (\w+):", in_production, re.MULTILINE)) <= set(named)
    assert {stage for stage, *_ in DEPLOYMENTS.values()} == set(STAGES)


@pytest.mark.parametrize("stage", ["", "Prod", "1", "a b", "../x", "prod\n", "p" * 17, "$HOME", "prod_eu"])
def test_a_malformed_stage_is_refused(stage: str, packages: Path) -> None:
    with pytest.raises(RenderingFailed, match="is no stage"):
        render(stage, packages=packages)


@pytest.mark.parametrize(
    ("parameters", "told"),
    [
        ({"orgins": "*"}, "no parameter is called orgins"),
        ({"operator": "yes"}, "operator is on or off, not 'yes'"),
        ({"origins": "${env:HOME}"}, "refers to nothing"),
        ({"origins": "a\nb"}, "one line of text"),
        ({"parametersKey": "alias/ours"}, "the id of a key"),
    ],
)
def test_a_parameter_that_is_wrong_is_refused(parameters: dict[str, str], told: str, packages: Path) -> None:
    with pytest.raises(RenderingFailed, match=told):
        render("dev", parameters, packages=packages)


@pytest.mark.parametrize("region", ["", "Ireland", "eu-west-1 ", "eu-west-1;x"])
def test_a_malformed_region_is_refused(region: str, packages: Path) -> None:
    with pytest.raises(RenderingFailed, match="is no region"):
        render("dev", region=region, packages=packages)


def test_a_deployment_goes_to_its_region_with_a_template_that_names_none(rendered: Rendered) -> None:
    for name, (_, region, _) in DEPLOYMENTS.items():
        template = rendered(name)
        state = json.loads(template.file.with_name("serverless-state.json").read_text())
        assert state["service"]["provider"]["region"] == region
        assert region not in template.text


def test_the_command_takes_the_region_of_the_environment_and_refuses_a_choice_without_a_value(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[str] = []

    def refuse(stage: str, parameters: object, *, region: str, packages: Path) -> Path:
        asked.append(region)
        raise RenderingFailed("not now")

    monkeypatch.setattr(command, "render", refuse)
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    assert command.main(["--stage", "prod"]) == command.main(["--region", "ap-south-1"]) == 1
    assert asked == ["eu-west-1", "ap-south-1"]
    with pytest.raises(SystemExit):
        command.main(["--param", "operator"])
    assert "NAME=VALUE, not operator" in capsys.readouterr().err


def test_without_a_package_there_is_nothing_to_render(tmp_path: Path) -> None:
    with pytest.raises(RenderingFailed, match=r"layer\.zip: run `make package`"):
        render("dev", packages=tmp_path)


def test_a_service_that_osls_cannot_read_leaves_no_template(
    packages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "serverless.yml").write_text("service: [")
    (tmp_path / "infra" / "resources").mkdir(parents=True)
    monkeypatch.setattr("infra.deployment.rendering.ROOT", tmp_path)
    monkeypatch.setattr(
        "infra.deployment.rendering.on_demand.node_project", lambda _: ROOT / "infra/deployment/node_modules"
    )
    output = tmp_path / "output"
    output.mkdir()
    (output / "cloudformation-template-update-stack.json").write_text("of yesterday")
    with pytest.raises(RenderingFailed, match="osls cannot render the stage dev"):
        render("dev", packages=packages, output=output)
    assert not output.exists()


def test_no_template_shows_this_machine_or_who_rendered_it(template: Template) -> None:
    for name in (str(ROOT), os.environ.get("HOME", "/root"), "nobody"):
        assert name not in template.text
