"""What the functions are told: by the template where things are, by parameters everything else, secrets above all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields
from functools import cache

import pytest

from colonnade.composer import Composition
from colonnade.settings import variable
from handlers import runtime
from infra.secrets import ParameterSettings, ParameterStore
from infra.settings import PREFIX, DeploymentSettings
from schema.compose import application
from tests.deployment.template import FUNCTIONS, Json, Template

PLACES = {
    "Table": "colonnade-prod-Table-1ABC",
    "DeliveriesQueue": "https://sqs.us-east-1.amazonaws.com/123456789012/deliveries.fifo",
    "JobsQueue": "https://sqs.us-east-1.amazonaws.com/123456789012/jobs",
    "WebsocketsApi": "a1b2c3d4e5",
    "OperatorKey.Arn": "arn:aws:kms:us-east-1:123456789012:key/1234abcd",
    "AWS::Region": "us-east-1",
    "AWS::URLSuffix": "amazonaws.com",
}
PARAMETERS = {
    "COLONNADE_CURSOR_KEY": "0123456789abcdef0123456789abcdef",
    "COLONNADE_RPC_ENDPOINTS": "8453=https://rpc.example/key",
    "COLONNADE_OPERATOR_RECIPIENTS": "0x" + "ab" * 20,
    "COLONNADE_OPERATOR_DAILY_CAPS": "8453=1000000000000000000",
    "IDENTITY_SIGNING_KEYS": "a1:private:" + "A" * 43,
    "IDENTITY_DOMAINS": "app.example",
}


def resolved(value: Json) -> str:
    match value:
        case str():
            return value
        case {"Ref": name}:
            return PLACES[name]
        case {"Fn::GetAtt": [name, attribute]}:
            return PLACES[f"{name}.{attribute}"]
        case {"Fn::Sub": text}:
            return re.sub(r"\$\{([^}]+)\}", lambda found: PLACES[found[1]], text)
        case _:
            raise AssertionError(value)


def environment(template: Template, function: str) -> Mapping[str, str]:
    """What a function would find in its environment."""
    variables = template.function(function)["Environment"]["Variables"]
    return {name: resolved(value) for name, value in variables.items()}


@cache
def composition() -> Composition:
    return application()


def secrets() -> set[str]:
    """The variables of every setting that was declared a secret."""
    declared = [(PREFIX, DeploymentSettings), *composition().settings.items()]
    return {
        variable(prefix, field.name)
        for prefix, settings in declared
        for field in fields(settings)
        if field.metadata.get("secret")
    }


def test_the_template_tells_of_known_settings_only(everything: Template) -> None:
    known = {variable(PREFIX, field.name) for field in fields(DeploymentSettings)}
    for name in FUNCTIONS:
        assert set(environment(everything, name)) <= known


def test_no_secret_is_told_by_the_template(template: Template) -> None:
    assert {"COLONNADE_CURSOR_KEY", "COLONNADE_RPC_ENDPOINTS", "IDENTITY_SIGNING_KEYS"} <= secrets()
    assert not [name for name in secrets() if name in template.text]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_starts_with_what_the_template_and_the_parameters_tell_it(
    name: str, everything: Template
) -> None:
    told = {**PARAMETERS, **environment(everything, name), "AWS_REGION": "us-east-1"}
    built = runtime.build(told, composition())
    assert built.settings.table == PLACES["Table"]
    assert built.settings.websocket_endpoint == "https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com/prod"


def test_every_function_reads_the_parameters_of_its_stage(plain: Template, everything: Template) -> None:
    for name in FUNCTIONS:
        assert environment(plain, name)["COLONNADE_PARAMETERS"] == "/colonnade/dev"
        path = environment(everything, name)["COLONNADE_PARAMETERS"]
        assert path == "/colonnade/prod"
        ParameterStore(ParameterSettings(path))  # which refuses what is no path


def test_only_jobs_know_the_key_of_the_platforms_transactions(plain: Template, everything: Template) -> None:
    key = "COLONNADE_OPERATOR_KMS_KEY"
    assert [name for name in FUNCTIONS if key in environment(everything, name)] == ["jobs"]
    assert not [name for name in FUNCTIONS if key in environment(plain, name)]
