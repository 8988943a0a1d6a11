"""Secrets of endpoints, and what is signed with them (https://www.standardwebhooks.com, version 1.0).

No secret is stored. Each is derived from a key of the deployment, the endpoint's id and a generation that rises with
each rotation: a copy of the table signs nothing, and an answer that was lost can be given again.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from colonnade.errors import ConfigurationError, ServiceUnavailable
from colonnade.webhooks.settings import WebhooksSettings

PREFIX: Final = "whsec_"

_PURPOSE: Final = b"colonnade webhook secret v1"


@dataclass(frozen=True, slots=True)
class SecretName:
    """Which secret of an endpoint: enough to derive it, and no secret. `key_id`: the deployment's key."""

    generation: int
    key_id: str


def newest_key_id(settings: WebhooksSettings) -> str:
    """The key that new secrets are derived from. Raises `ServiceUnavailable` where there is none."""
    for key_id in settings.by_id():
        return key_id
    raise ServiceUnavailable("this deployment sends no webhooks: WEBHOOKS_SIGNING_KEYS is not set")


def secret_of(settings: WebhooksSettings, endpoint_id: str, name: SecretName) -> bytes:
    """The 32 bytes that an endpoint's messages are signed with. Raises `ConfigurationError` for a key that is gone."""
    key = settings.by_id().get(name.key_id)
    if key is None:
        raise ConfigurationError(
            f"WEBHOOKS_SIGNING_KEYS has no key {name.key_id!r}, which secrets of endpoints were derived from: "
            "put it back, after the others"
        )
    message = b"\0".join((_PURPOSE, endpoint_id.encode(), str(name.generation).encode()))
    return hmac.new(key, message, hashlib.sha256).digest()


def shown(secret: bytes) -> str:
    """A secret as its owner gets it, and as libraries of receivers take it."""
    return PREFIX + base64.b64encode(secret).decode()


def signed_headers(secrets: Sequence[bytes], message_id: str, at: datetime, body: bytes) -> Mapping[str, str]:
    """The headers that show a receiver who sent `body`, and when. `secrets`: every one that is good, newest first."""
    timestamp = str(int(at.timestamp()))
    content = b".".join((message_id.encode(), timestamp.encode(), body))
    signatures = (hmac.new(secret, content, hashlib.sha256).digest() for secret in secrets)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"v1,{base64.b64encode(made).decode()}" for made in signatures),
    }
