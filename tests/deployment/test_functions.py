"""What runs: six functions, how long, with what, as whom, and which of them from a snapshot."""

from __future__ import annotations

import pytest

from colonnade.jobs import JOB_BUDGET
from colonnade.server.execution import REQUEST_SECONDS
from handlers.watch import LONGEST
from infra.packaging import DEPLOYED
from tests.deployment.template import FUNCTIONS, Template

FROM_A_SNAPSHOT = ("http", "websocket")


def test_there_are_six_functions_and_each_is_the_handler_of_its_name(template: Template) -> None:
    assert {
        name: properties["Handler"] for name, properties in template.of_type("AWS::Lambda::Function").items()
    } == {f"{name.capitalize()}LambdaFunction": f"handlers.{name}.handler" for name in FUNCTIONS}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_each_runs_on_what_the_package_is_built_for(name: str, template: Template) -> None:
    function = template.function(name)
    [layer] = template.of_type("AWS::Lambda::LayerVersion").values()
    assert function["Runtime"] == f"python{DEPLOYED.python}" == layer["CompatibleRuntimes"][0]
    assert function["Architectures"] == ["arm64"] == layer["CompatibleArchitectures"]
    assert "aarch64" in str(DEPLOYED)
    assert function["Layers"] == [{"Ref": "DependenciesLambdaLayer"}]
    assert function["Code"]["S3Key"].endswith("/app.zip")
    assert layer["Content"]["S3Key"].endswith("/layer.zip")


def test_each_has_a_role_of_its_own(template: Template) -> None:
    roles = {name: template.function(name)["Role"] for name in FUNCTIONS}
    assert roles == {name: {"Fn::GetAtt": [f"{name.capitalize()}Role", "Arn"]} for name in FUNCTIONS}


def test_each_may_take_as_long_as_its_handler_does_and_no_longer_than_whoever_waits(
    template: Template,
) -> None:
    timeouts = {name: template.function(name)["Timeout"] for name in FUNCTIONS}
    assert REQUEST_SECONDS < timeouts["http"] < 30  # what API Gateway waits
    assert timeouts["websocket"] == 29
    assert timeouts["jobs"] > JOB_BUDGET
    assert LONGEST < timeouts["watch"] == 900


@pytest.mark.parametrize("name", FUNCTIONS)
def test_those_that_people_wait_for_start_from_a_snapshot(name: str, template: Template) -> None:
    snapshot = template.function(name).get("SnapStart")
    assert snapshot == ({"ApplyOn": "PublishedVersions"} if name in FROM_A_SNAPSHOT else None)


@pytest.mark.parametrize("name", FROM_A_SNAPSHOT)
def test_the_gateway_calls_the_published_version_as_only_that_has_a_snapshot(
    name: str, template: Template
) -> None:
    logical = f"{name.capitalize()}LambdaFunction"
    [alias] = [
        alias
        for alias in template.of_type("AWS::Lambda::Alias").values()
        if alias["FunctionName"] == {"Ref": logical}
    ]
    version, attribute = alias["FunctionVersion"]["Fn::GetAtt"]
    assert attribute == "Version"
    assert template.of_type("AWS::Lambda::Version")[version]["FunctionName"] == {"Ref": logical}

    by_alias = {"Fn::Join": [":", [{"Fn::GetAtt": [logical, "Arn"]}, alias["Name"]]]}
    permissions = template.of_type("AWS::Lambda::Permission").values()
    assert [found["FunctionName"] for found in permissions if logical in str(found["FunctionName"])] == [
        by_alias
    ]
    integrations = [
        str(found["IntegrationUri"]) for found in template.of_type("AWS::ApiGatewayV2::Integration").values()
    ]
    assert sum(str(by_alias) in uri for uri in integrations) == 1


def test_another_revision_of_the_parameters_is_another_version_and_changes_every_function(
    plain: Template, everything: Template
) -> None:
    for name in FUNCTIONS:
        assert plain.function(name)["Description"].endswith("(parameters, revision 1)")
        assert everything.function(name)["Description"].endswith("(parameters, revision 7)")
    versions = [set(template.of_type("AWS::Lambda::Version")) for template in (plain, everything)]
    assert not versions[0] & versions[1]


def test_what_nobody_waits_for_is_not_tried_again_as_the_next_minute_makes_up_for_it(
    template: Template,
) -> None:
    configured = template.of_type("AWS::Lambda::EventInvokeConfig").values()
    assert {found["FunctionName"]["Ref"] for found in configured} == {
        "JobsLambdaFunction",
        "WatchLambdaFunction",
    }
    for found in configured:
        assert (found["MaximumRetryAttempts"], found["MaximumEventAgeInSeconds"]) == (0, 60)
