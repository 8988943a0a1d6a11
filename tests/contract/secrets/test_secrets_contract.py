"""The `Secrets` port on SSM, as moto has it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from colonnade.errors import ConfigurationError
from infra.secrets import Parameters, ParameterSettings, ParameterStore, completed

PATH = "/colonnade/test"
REGION = "eu-central-1"


@pytest.fixture
def ssm(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        yield boto3.client("ssm", region_name=REGION)


def put(ssm: Any, name: str, value: str, kind: str = "SecureString") -> None:
    ssm.put_parameter(Name=name, Value=value, Type=kind)


def read(path: str = PATH) -> Parameters:
    return ParameterStore(ParameterSettings(path, REGION)).read()


def test_every_kind_of_parameter_is_a_variable_and_the_encrypted_ones_are_known(ssm: Any) -> None:
    put(ssm, f"{PATH}/IDENTITY_SIGNING_KEYS", "a:private:seed")
    put(ssm, f"{PATH}/IDENTITY_ISSUER", "us", "String")
    put(ssm, f"{PATH}/IDENTITY_DOMAINS", "a.example,b.example", "StringList")
    assert read() == Parameters(
        {
            "IDENTITY_SIGNING_KEYS": "a:private:seed",
            "IDENTITY_ISSUER": "us",
            "IDENTITY_DOMAINS": "a.example,b.example",
        },
        frozenset({"IDENTITY_SIGNING_KEYS"}),
    )


def test_all_pages_are_read(ssm: Any) -> None:
    for number in range(23):
        put(ssm, f"{PATH}/V{number}", str(number))
    assert dict(read().values) == {f"V{number}": str(number) for number in range(23)}


def test_another_paths_parameters_and_deeper_ones_are_left_alone(ssm: Any) -> None:
    put(ssm, f"{PATH}/MINE", "1")
    put(ssm, f"{PATH}/deeper/THEIRS", "2")
    put(ssm, f"{PATH}-2/THEIRS", "3")
    assert dict(read().values) == {"MINE": "1"}


def test_a_path_without_parameters_is_an_oversight(ssm: Any) -> None:
    with pytest.raises(ConfigurationError, match="no parameters below /colonnade/test in eu-central-1"):
        read()


def test_a_name_that_is_no_variable_is_told_of_without_its_value(ssm: Any) -> None:
    put(ssm, f"{PATH}/signing-keys", "a:private:seed")
    with pytest.raises(ConfigurationError, match="signing-keys is no variable") as raised:
        read()
    assert "seed" not in str(raised.value)


@pytest.mark.parametrize(
    "path", ["", "colonnade", "/", "/colonnade/", "//x", "/a b", "/a/../" + "x" * 101, "/x" * 15]
)
def test_a_malformed_path_is_refused_before_anything_is_asked(path: str) -> None:
    with pytest.raises(ConfigurationError, match="COLONNADE_PARAMETERS is a path as in /colonnade/prod"):
        read(path)


def test_the_environment_wins_and_it_is_known_where(ssm: Any) -> None:
    put(ssm, f"{PATH}/COLONNADE_TABLE", "theirs", "String")
    put(ssm, f"{PATH}/COLONNADE_CURSOR_KEY", "k" * 32)
    environ = {
        "COLONNADE_PARAMETERS": PATH,
        "COLONNADE_TABLE": "ours",
        "AWS_REGION": "us-west-2",
        "COLONNADE_REGION": REGION,
    }
    environment = completed(environ)
    assert dict(environment.values) == {**environ, "COLONNADE_CURSOR_KEY": "k" * 32}
    assert environment.shadowed == ("COLONNADE_TABLE",)


def test_of_a_hidden_list_each_entry_is_hidden_too(ssm: Any) -> None:
    endpoints = "8453=https://a.example/one,8453=https://b.example/two"
    put(ssm, f"{PATH}/COLONNADE_RPC_ENDPOINTS", endpoints)
    environment = completed({"COLONNADE_PARAMETERS": PATH, "AWS_REGION": REGION})
    assert environment.hidden == {endpoints, *endpoints.split(",")}
    assert "example" not in repr(environment)


def test_an_environment_that_names_no_path_is_complete() -> None:
    environ = {"COLONNADE_PARAMETERS": "", "COLONNADE_TABLE": "ours"}
    assert completed(environ).values is environ
