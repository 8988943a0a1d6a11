"""The operator is off unless a deployment says what it may do."""

from __future__ import annotations

import pytest

from colonnade.chains import BASE
from colonnade.errors import ConfigurationError
from infra.settings import DeploymentSettings, deployment_settings

RECIPIENT = "0xA1A1a1a1A1A1A1A1A1a1a1a1a1a1A1A1a1A1a1a1"
CONFIGURED = {
    "COLONNADE_CURSOR_KEY": "0123456789abcdef0123456789abcdef",
    "COLONNADE_OPERATOR_KMS_KEY": "alias/operator",
    "COLONNADE_OPERATOR_RECIPIENTS": RECIPIENT.lower(),
    "COLONNADE_OPERATOR_DAILY_CAPS": "8453=1000000000000000000,10=5",
}


def settings(**changed: str) -> DeploymentSettings:
    environ = {**CONFIGURED, **{f"COLONNADE_OPERATOR_{name}": value for name, value in changed.items()}}
    return deployment_settings({name: value for name, value in environ.items() if value})


def test_it_is_off_without_a_key() -> None:
    assert settings(KMS_KEY="").operator() is None
    assert settings(KMS_KEY="", RECIPIENTS="", DAILY_CAPS="").operator() is None


@pytest.mark.parametrize("key", ["KMS_KEY", "KEY_FILE"])
def test_it_may_do_what_the_settings_say(key: str) -> None:
    allowed = settings(**{"KMS_KEY": "", key: "it"}, REPLACE_AFTER_SECONDS="7.5").operator()
    assert allowed is not None
    assert allowed.recipients == {RECIPIENT}
    assert allowed.daily_caps == {BASE: 10**18, 10: 5}
    assert allowed.replace_after_seconds == 7.5


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("KEY_FILE", "beside the other"),
        ("RECIPIENTS", ""),
        ("RECIPIENTS", "0x12"),
        ("RECIPIENTS", "0xa1A1a1a1A1A1A1A1A1a1a1a1a1a1A1A1a1A1a1a1"),
        ("DAILY_CAPS", ""),
        ("DAILY_CAPS", "1000"),
        ("DAILY_CAPS", "8453=1,8453=2"),
        ("DAILY_CAPS", "8453=-1"),
        ("DAILY_CAPS", "8453=1" + "0" * 38),
        ("REPLACE_AFTER_SECONDS", "0"),
        ("REPLACE_AFTER_SECONDS", "soon"),
    ],
)
def test_what_contradicts_itself_is_named(variable: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=f"COLONNADE_OPERATOR_{variable}"):
        settings(**{variable: value})
