"""Secrets of a local stack: made at its first start, and kept, so that what they sign outlives a restart."""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Callable
from pathlib import Path


def kept_secret(file: Path, make: Callable[[], str]) -> str:
    """The secret in `file`, which only its owner can read; made now if there is none."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text()
    with os.fdopen(descriptor, "w") as new:
        new.write(make())
    return file.read_text()


def new_webhook_key() -> str:
    """A key of webhook endpoints' secrets, as WEBHOOKS_SIGNING_KEYS takes it."""
    return f"local:{base64.urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b'=').decode()}"


def new_signing_key() -> str:
    """A key of access tokens, as IDENTITY_SIGNING_KEYS takes it."""
    seed = base64.urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=").decode()
    return f"local:private:{seed}"
