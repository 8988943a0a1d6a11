"""Secrets of a local stack are made once and kept to their owner."""

from __future__ import annotations

import stat
from itertools import count
from pathlib import Path

from colonnade.webhooks.settings import WebhooksSettings
from infra.local.kept_secrets import kept_secret, new_signing_key, new_webhook_key
from plugins.identity.settings import IdentitySettings


def test_a_secret_stays_the_same(tmp_path: Path) -> None:
    numbers = count(1)
    first = kept_secret(tmp_path / "key", lambda: f"secret {next(numbers)}")
    assert kept_secret(tmp_path / "key", lambda: f"secret {next(numbers)}") == first == "secret 1"


def test_only_its_owner_reads_it(tmp_path: Path) -> None:
    kept_secret(tmp_path / "key", lambda: "secret")
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600


def test_a_signing_key_is_one_that_identity_takes() -> None:
    (entry,) = IdentitySettings(signing_keys=(new_signing_key(),)).key_entries()
    assert (entry.kid, entry.is_private, len(entry.raw)) == ("local", True, 32)
    assert new_signing_key() != new_signing_key()


def test_a_webhook_key_is_one_that_webhooks_take() -> None:
    (key,) = WebhooksSettings(signing_keys=(new_webhook_key(),)).by_id().values()
    assert len(key) == 32
    assert new_webhook_key() != new_webhook_key()
