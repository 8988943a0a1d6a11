"""Whether a message is from whom it says, and of now. Signatures are compared in constant time, all of them.

Standard Webhooks (https://www.standardwebhooks.com, version 1.0), and the plainer schemes of single providers; what
neither covers is a function of the plugin's own: `Verifier`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final, TypeAlias

from colonnade.errors import ConfigurationError, Unauthenticated
from colonnade.http import Request

if TYPE_CHECKING:
    from colonnade.context import Context
    from colonnade.inbound.declaration import Verifier

TOLERANCE: Final = timedelta(minutes=5)
"""How far a message's time may be from now, in either direction."""

Secrets: TypeAlias = "Callable[[Context], Sequence[str]]"
"""The secrets that are good now, as settings hold them: two of them while one is rotated."""

_SECRET_PREFIX: Final = "whsec_"  # noqa: S105 - what every secret begins with
_DIGITS: Final = re.compile(r"[0-9]{1,12}", re.ASCII)
_MOST_SIGNATURES: Final = 16


def standard_webhooks(secrets: Secrets, *, tolerance: timedelta = TOLERANCE) -> Verifier:
    """Verifies as Standard Webhooks says, symmetric signatures (`v1`). `secrets`: each as in `whsec_…`."""

    def verify(context: Context, request: Request) -> str:
        message_id, sent = request.headers.get("webhook-id", ""), request.headers.get("webhook-timestamp", "")
        # A dot in the id could move the border between the parts of what is signed.
        if not message_id or "." in message_id:
            raise Unauthenticated("the header webhook-id is missing, or holds a dot")
        _check_age(context, sent, tolerance)
        given = [
            value
            for version, _, value in (
                part.partition(",") for part in request.headers.get("webhook-signature", "").split(" ")
            )
            if version == "v1"
        ]
        signed_id = message_id.encode(errors="surrogatepass")
        content = b".".join((signed_id, sent.encode(), request.body))
        expected = [
            base64.b64encode(hmac.digest(secret_bytes(secret), content, "sha256"))
            for secret in secrets(context)
        ]
        _check_signatures(given, expected)
        return message_id

    return verify


def hmac_sha256(
    secrets: Secrets,
    *,
    header: str,
    prefix: str = "",
    content: Callable[[Request], bytes] = lambda request: request.body,
    timestamp: str | None = None,
    tolerance: timedelta = TOLERANCE,
) -> Verifier:
    """Verifies an HMAC-SHA256 in hexadecimal digits.

    `header`: where it is, after `prefix`, as in `x-hub-signature-256` and `sha256=`. `content`: what was signed.
    `timestamp`: the header with the time in epoch seconds, which must then be part of `content`. A message's id is
    the digest of what was signed, since no other is sure to be signed too.
    """

    def verify(context: Context, request: Request) -> str:
        if timestamp is not None:
            _check_age(context, request.headers.get(timestamp, ""), tolerance)
        given = request.headers.get(header, "")
        signed = content(request)
        expected = [
            hmac.digest(secret.encode(), signed, "sha256").hex().encode() for secret in secrets(context)
        ]
        _check_signatures([given.removeprefix(prefix).lower()] if given.startswith(prefix) else [], expected)
        return hashlib.sha256(signed).hexdigest()

    return verify


def secret_bytes(secret: str) -> bytes:
    """The key of a secret of Standard Webhooks. Raises `ConfigurationError` for another text."""
    try:
        if not secret.startswith(_SECRET_PREFIX):
            raise ValueError
        key = base64.b64decode(secret.removeprefix(_SECRET_PREFIX), validate=True)
    except (ValueError, binascii.Error):
        key = b""
    if not 24 <= len(key) <= 64:
        raise ConfigurationError("a webhook's secret is whsec_ and 24 to 64 bytes in base64")
    return key


def _check_age(context: Context, sent: str, tolerance: timedelta) -> None:
    if not _DIGITS.fullmatch(sent):
        raise Unauthenticated("the message's time is missing, or no number of epoch seconds")
    if abs(context.clock.now().timestamp() - int(sent)) > tolerance.total_seconds():
        raise Unauthenticated(f"the message's time is more than {tolerance.total_seconds():.0f} s from now")


def _check_signatures(given: Sequence[str], expected: Sequence[bytes]) -> None:
    if not expected:
        raise Unauthenticated("this deployment was given no secret to verify the message with")
    good = False
    for each in given[:_MOST_SIGNATURES]:
        for known in expected:
            good |= hmac.compare_digest(each.encode(errors="surrogatepass"), known)
    if not good:
        raise Unauthenticated("no signature of the message is good")
