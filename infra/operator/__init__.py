"""The `Operator` port: `operator_of` gives the adapter for a deployment's settings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from colonnade.store import Store
from infra.operator.account import AccountOperator, SendingChains
from infra.operator.book import Book
from infra.operator.settings import OperatorSettings
from infra.operator.signers import Signer

if TYPE_CHECKING:
    from colonnade.context import Clock

__all__ = ["AccountOperator", "OperatorSettings", "Signer", "account_operator", "file_signer", "kms_signer"]


def account_operator(
    settings: OperatorSettings, signer: Signer, store: Store, clock: Clock, chains: SendingChains
) -> AccountOperator:
    """The operator of one key; opens no connection."""
    return AccountOperator(settings, signer, Book(store, clock), chains)


def file_signer(path: str) -> Signer:
    """The key in a file, for a development machine; read at first use."""
    from infra.operator.file_key import FileSigner  # noqa: PLC0415 - a Lambda function never needs it

    return FileSigner(Path(path))


def kms_signer(key_id: str, region: str) -> Signer:
    """The key in KMS; asked at first use."""
    from infra.operator.kms import KmsSettings, KmsSigner  # noqa: PLC0415 - most deployments never need it

    return KmsSigner(KmsSettings(key_id, region))
