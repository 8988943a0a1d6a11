"""Plugins find the operator as a service, where a deployment has a key for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from colonnade.errors import ServiceUnavailable
from colonnade.operator import Operator
from handlers import runtime
from infra.operator import AccountOperator
from tests.handlers.sample import ENVIRON, sample_application, weather

CONFIGURED = {
    **ENVIRON,
    "COLONNADE_OPERATOR_RECIPIENTS": "0x" + "a1" * 20,
    "COLONNADE_OPERATOR_DAILY_CAPS": "8453=1",
    "COLONNADE_DYNAMODB_ENDPOINT": "http://127.0.0.1:1",
}


@pytest.mark.parametrize("key", ["COLONNADE_OPERATOR_KMS_KEY", "COLONNADE_OPERATOR_KEY_FILE"])
def test_a_deployment_with_a_key_offers_it_and_opens_nothing(key: str, tmp_path: Path) -> None:
    application = runtime.build({**CONFIGURED, key: str(tmp_path / "absent")}, weather())
    offered = application.make_context("req_1", None).services.get(Operator)
    assert isinstance(offered, AccountOperator)


def test_without_a_key_it_is_unavailable_and_says_what_to_set() -> None:
    context = sample_application().make_context("req_1", None)
    with pytest.raises(ServiceUnavailable, match="COLONNADE_OPERATOR_KMS_KEY"):
        context.services.get(Operator)


def test_other_services_are_as_they_were() -> None:
    context = sample_application().make_context("req_1", None)
    with pytest.raises(ServiceUnavailable, match="no plugin here provides Path"):
        context.services.get(Path)
