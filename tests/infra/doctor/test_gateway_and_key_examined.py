"""The gateway and the operator's key are looked at without sending or signing anything."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from colonnade.diagnosis import Finding
from handlers.gateway import Gateway
from infra.doctor.gateway import examine_gateway
from infra.doctor.operator_key import examine_operator_key
from infra.settings import DeploymentSettings
from tests.handlers.sample import never
from tests.handlers.serving import serving

pytestmark = pytest.mark.usefixtures("one_boto_session")

REGION = "eu-central-1"
ALLOWED = {
    "operator_recipients": ("0x000000000022D473030F116dDEE9F6B43aC78BA3",),
    "operator_daily_caps": ("8453=1",),
}


def settings(**more: Any) -> DeploymentSettings:
    return DeploymentSettings(cursor_key="0" * 32, region=REGION, **more)


def gateway(endpoint: str | None) -> Finding:
    (finding,) = examine_gateway(settings(websocket_endpoint=endpoint))
    return finding


def test_a_gateway_that_knows_nobody_of_that_name_is_fine() -> None:
    with serving(Gateway(never)) as port:
        finding = gateway(f"http://127.0.0.1:{port}")
    assert finding.severity == "ok"
    assert finding.text == "answers; clients open it where GraphQL is"


def test_a_gateway_that_is_not_there_is_a_problem_and_none_at_all_a_warning() -> None:
    finding = gateway("http://127.0.0.1:9")
    assert finding.severity == "problem"
    assert "no usable answer" in finding.text
    assert gateway(None).severity == "warning"


@pytest.fixture
def kms(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        yield boto3.client("kms", region_name=REGION)


def key(name: str | None = None, file: Path | None = None) -> list[Finding]:
    chosen = {"operator_kms_key": name, "operator_key_file": str(file) if file else None}
    return list(examine_operator_key(settings(**chosen, **ALLOWED if name or file else {})))


def make(kms: Any, spec: str, usage: str = "SIGN_VERIFY") -> str:
    return str(kms.create_key(KeySpec=spec, KeyUsage=usage)["KeyMetadata"]["KeyId"])


def test_a_key_of_the_right_kind_is_shown_by_its_account(kms: Any) -> None:
    (finding,) = key(make(kms, "ECC_SECG_P256K1"))
    assert finding.severity == "ok"
    assert "signs for 0x" in finding.text


def test_a_key_of_another_kind_or_none_is_a_problem(kms: Any) -> None:
    for name in (make(kms, "ECC_NIST_P256"), "11111111-2222-3333-4444-555555555555"):
        (finding,) = key(name)
        assert (finding.severity, finding.about) == ("problem", "COLONNADE_OPERATOR_KMS_KEY")
        assert "ECC_SECG_P256K1" in finding.remedy


def test_a_file_that_others_may_read_is_a_problem_and_not_shown(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("ab" * 32)
    file.chmod(0o644)
    (finding,) = key(file=file)
    assert (finding.severity, finding.about) == ("problem", "COLONNADE_OPERATOR_KEY_FILE")
    assert "chmod 600" in finding.text
    file.chmod(0o600)
    (finding,) = key(file=file)
    assert finding.severity == "ok"
    assert "abab" not in str(finding)


def test_no_key_is_nothing_to_look_at() -> None:
    assert key() == []
