"""Whether the key of the platform's own transactions can be used. Nothing is signed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from colonnade.diagnosis import Finding, fine, problem
from colonnade.errors import ConfigurationError, ServiceUnavailable
from infra.operator import file_signer, kms_signer
from infra.settings import DeploymentSettings


def examine_operator_key(settings: DeploymentSettings) -> Iterator[Finding]:
    """The account of the key, if there is one: KMS is asked for the public key, which tells its kind and its state."""
    if settings.operator_key_file:
        about, signer = "COLONNADE_OPERATOR_KEY_FILE", file_signer(settings.operator_key_file)
    elif settings.operator_kms_key:
        about, signer = "COLONNADE_OPERATOR_KMS_KEY", kms_signer(settings.operator_kms_key, settings.region)
    else:
        return
    try:
        yield fine(about, f"signs for {asyncio.run(signer.address())}, which pays the gas: keep it in funds")
    except (ConfigurationError, ServiceUnavailable) as error:
        yield problem(
            about,
            str(error),
            "it names an enabled key of the kind ECC_SECG_P256K1 and the use SIGN_VERIFY, whose policy lets whoever asks "
            "kms:GetPublicKey"
            if settings.operator_kms_key
            else "correct the file",
        )
