"""`colonnade doctor` in the application: its own settings, its plugins', its parameters and its files, in one go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from colonnade import Context
from colonnade.composer import compose
from colonnade.diagnosis import Finding
from colonnade.errors import ChainTimeout
from colonnade.health import Health, HealthCheck, Status
from handlers import doctor
from schema.roots import Query
from tests.composition.building import giving, plugin_module, registry_of

KEY = "hunter2" * 6
SEED = "Q" * 43
GOOD: Mapping[str, str] = {
    "COLONNADE_CURSOR_KEY": KEY,
    "COLONNADE_REGION": "eu-central-1",
    "IDENTITY_SIGNING_KEYS": f"a1:private:{SEED}",
}
NOWHERE: Mapping[str, str] = {"COLONNADE_DYNAMODB_ENDPOINT": "http://127.0.0.1:9"}


def examined(environ: Mapping[str, str], *, offline: bool = True) -> list[Finding]:
    return list(doctor.examine(environ, offline=offline))


def wrong(environ: Mapping[str, str]) -> dict[str, str]:
    """The text of each problem, by what it is about."""
    return {f.about: f.text for f in examined(environ) if f.severity == "problem"}


def test_a_configuration_that_suffices_has_no_problem() -> None:
    told = examined(GOOD)
    assert {finding.severity for finding in told} == {"ok"}
    assert {"plugin identity", "plugin trading", "DeploymentSettings", "IdentitySettings"} <= {
        finding.about for finding in told
    }


@pytest.mark.parametrize(("environ", "said"), [({"PATH": "/bin", "PORT": "1"}, True), (GOOD, False)])
def test_an_environment_with_nothing_of_ours_is_perhaps_not_the_one_that_was_meant(
    environ: Mapping[str, str], said: bool
) -> None:
    hints = [finding for finding in examined(environ) if finding.about == "the environment"]
    assert [finding.severity for finding in hints] == ["warning"] * said
    assert all("--env-file" in finding.remedy for finding in hints)


FAULTS: Mapping[str, tuple[str | None, str]] = {
    "COLONNADE_CURSOR_KEY": ("hunter2", "needs at least 32 characters"),
    "COLONNADE_RPC_ENDPOINTS": ("8453=ftp://hunter2.example", "entry 1"),
    "COLONNADE_WEBSOCKET_ENDPOINT": ("wss://api.example", "with https, not wss"),
    "COLONNADE_DELIVERIES_QUEUE": ("https://sqs.example/1/deliveries", "first-in-first-out"),
    "COLONNADE_LOG_LEVEL": ("LOUD", "one of DEBUG"),
    "COLONNADE_GRAPHIQL": ("perhaps", "not true or false"),
    "COLONNADE_COST": ("much", "not of type int"),
    "COLONNADE_ONLY_TRUSTED_DOCUMENTS": ("true", "needs COLONNADE_TRUSTED_DOCUMENTS"),
    "COLONNADE_OPERATOR_KMS_KEY": ("alias/operator", "needs COLONNADE_OPERATOR_RECIPIENTS"),
    "COLONNADE_GRANTS": ("FLY=members", "FLY"),
    "IDENTITY_SIGNING_KEYS": (f"a1:public:{SEED}", "the first signs, so it is a private one"),
    "IDENTITY_DOMAINS": ("https://app.example", "authorities in lower case"),
    "IDENTITY_ACCESS": ("ajar", "not one of open, closed"),
    "COLONNADE_TABEL": ("colonnade", "nothing reads it"),
}


@pytest.mark.parametrize("variable", FAULTS)
def test_each_fault_is_found_alone(variable: str) -> None:
    value, text = FAULTS[variable]
    found = wrong({**GOOD, variable: value or ""})
    assert list(found) == [variable]
    assert text in found[variable]


def test_all_faults_are_found_at_once_and_no_secret_is_shown() -> None:
    told = examined({**GOOD, **{name: value or "" for name, (value, _) in FAULTS.items()}})
    assert {finding.about for finding in told if finding.severity == "problem"} == set(FAULTS)
    shown = "\n".join(map(str, told))
    assert "hunter2" not in shown
    assert SEED not in shown


def test_what_is_required_and_missing_is_found_with_everything_else() -> None:
    found = wrong({"IDENTITY_DOMAINS": "https://app.example", "COLONNADE_LOG_LEVEL": "LOUD"})
    assert set(found) == {
        "COLONNADE_CURSOR_KEY",
        "COLONNADE_LOG_LEVEL",
        "IDENTITY_SIGNING_KEYS",
        "IDENTITY_DOMAINS",
    }


def test_trusted_documents_and_graphiql_are_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "ASSETS", tmp_path)
    documents = tmp_path / "documents.json"
    environ = {**GOOD, "COLONNADE_GRAPHIQL": "true", "COLONNADE_TRUSTED_DOCUMENTS": str(documents)}
    found = wrong(environ)
    assert set(found) == {"COLONNADE_GRAPHIQL", "COLONNADE_TRUSTED_DOCUMENTS"}
    documents.write_text('["{ viewer { id } }"]')
    (tmp_path / "index.html").touch()
    assert wrong(environ) == {}


def test_a_plugin_that_is_locked_and_not_here_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "ROOT", tmp_path)
    locked = '{"version": "1.0", "distribution": "colonnade-ratings", "sdk": ">=1.0,<2"}'
    (tmp_path / "plugins.lock.json").write_text(
        f'{{"colonnade": "1.0.0", "plugins": {{"ratings": {locked}}}}}'
    )
    told = [str(finding) for finding in examined(GOOD) if finding.severity == "warning"]
    assert any("plugin ratings is locked (colonnade-ratings 1.0" in line for line in told)


@pytest.fixture
def ssm(monkeypatch: pytest.MonkeyPatch, one_boto_session: None) -> Iterator[Any]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        yield boto3.client("ssm", region_name="eu-central-1")


IN_PARAMETERS = {"COLONNADE_REGION": "eu-central-1", "COLONNADE_PARAMETERS": "/colonnade/prod"}


def test_parameters_complete_the_environment(ssm: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "examine_surroundings", lambda settings: [])
    for name in ("COLONNADE_CURSOR_KEY", "IDENTITY_SIGNING_KEYS", "COLONNADE_TABEL"):
        ssm.put_parameter(Name=f"/colonnade/prod/{name}", Value=GOOD.get(name, "x"), Type="SecureString")
    told = examined({**IN_PARAMETERS, "COLONNADE_CURSOR_KEY": KEY}, offline=False)
    texts = {finding.about: (finding.severity, finding.text) for finding in told}
    assert texts["COLONNADE_PARAMETERS"] == ("ok", "2 variables come from /colonnade/prod")
    assert texts["COLONNADE_CURSOR_KEY"][0] == "warning", "it is given twice"
    assert texts["COLONNADE_TABEL"] == ("problem", "nothing reads it")
    assert KEY not in str(told)


def test_an_encrypted_parameter_is_not_shown_whatever_its_setting_says(
    ssm: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "examine_surroundings", lambda settings: [])
    misplaced = "correct-horse-battery"
    ssm.put_parameter(Name="/colonnade/prod/COLONNADE_GRAPHIQL", Value=misplaced, Type="SecureString")
    told = {finding.about: finding.text for finding in examined({**IN_PARAMETERS, **GOOD}, offline=False)}
    assert "'[hidden]' is not" in told["COLONNADE_GRAPHIQL"]
    assert misplaced not in str(told)


def test_parameters_that_cannot_be_had_are_a_problem_beside_the_others(
    ssm: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "examine_surroundings", lambda settings: [])
    told = {f.about: f for f in examined(IN_PARAMETERS, offline=False) if f.severity == "problem"}
    assert "no parameters below /colonnade/prod" in told["COLONNADE_PARAMETERS"].text
    assert "COLONNADE_CURSOR_KEY" in told


def test_offline_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("somebody was asked")

    monkeypatch.setattr(doctor, "completed", never)
    monkeypatch.setattr(doctor, "examine_surroundings", never)
    told = {finding.about: finding.severity for finding in examined(IN_PARAMETERS)}
    assert told["COLONNADE_PARAMETERS"] == "warning"
    assert told["COLONNADE_CURSOR_KEY"] == told["IDENTITY_SIGNING_KEYS"] == "warning", "they may be there"
    assert "problem" not in told.values()


def test_what_the_settings_name_is_looked_at_as_far_as_they_can_be_read() -> None:
    environ = {
        **GOOD,
        "COLONNADE_CURSOR_KEY": "short",
        **NOWHERE,
        "COLONNADE_RPC_ENDPOINTS": "8453=http://127.0.0.1:9",
        "COLONNADE_WEBSOCKET_ENDPOINT": "http://127.0.0.1:9",
    }
    told = {f.about: f.severity for f in examined(environ, offline=False)}
    assert told["COLONNADE_CURSOR_KEY"] == "problem"
    assert told["table colonnade"] == told["chain 8453 at 127.0.0.1:9"] == "problem"
    assert told["COLONNADE_WEBSOCKET_ENDPOINT"] == "problem"
    assert told["COLONNADE_JOBS_QUEUE"] == "warning"
    assert told["health of colonnade.database"] == told["health of colonnade.chain-8453"] == "problem"
    assert told["health of trading.quotes"] != "ok"


def test_an_operator_is_told_why_a_part_is_ill_and_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    async def late(context: Context) -> Health:
        return Health(Status.DEGRADED, f"the sea, asked with {KEY}, is late")

    async def failing(context: Context) -> Health:
        raise ChainTimeout(f"asked with {KEY}")

    checks = [HealthCheck("weather.sea", late), HealthCheck("weather.sky", failing)]
    composition = compose(registry_of(plugin_module("weather", giving(health=checks))), Query)
    monkeypatch.setattr(doctor, "compose_application", lambda _: composition)
    monkeypatch.setattr(doctor, "examine_surroundings", lambda settings: [])
    told = {f.about: f for f in examined({**GOOD, **NOWHERE}, offline=False)}
    sea, sky = told["health of weather.sea"], told["health of weather.sky"]
    assert (sea.severity, sea.text) == ("warning", "degraded: the sea, asked with [hidden], is late")
    assert (sky.severity, sky.text) == ("problem", "down: failed: ChainTimeout")
    assert (told["health of colonnade.dead-letters"].severity) == "problem"
