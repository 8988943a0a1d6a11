"""AWS Signature Version 4 of one kind of request: botocore's own signature, without its walk over everything else.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import hashlib
import hmac
import time
from dataclasses import dataclass, field
from typing import Final, Protocol

ALGORITHM: Final = "AWS4-HMAC-SHA256"
MOMENT: Final = "%Y%m%dT%H%M%SZ"


class Credentials(Protocol):
    """What botocore calls frozen credentials."""

    @property
    def access_key(self) -> str: ...
    @property
    def secret_key(self) -> str: ...
    @property
    def token(self) -> str | None: ...


@dataclass(slots=True)
class Signer:
    """Signs POSTs to the root of `host`. The key of a day is computed once; any number of threads may share it."""

    region: str
    service: str
    host: str
    content_type: str
    _key: tuple[str, str, bytes] = field(default=("", "", b""), repr=False)

    def headers(
        self, credentials: Credentials, target: str, body: bytes, moment: str | None = None
    ) -> dict[str, str]:
        """The headers that make `body` a request of these credentials. `moment`: as `X-Amz-Date` has it; now unless
        given.
        """
        moment = moment or time.strftime(MOMENT, time.gmtime())
        day = moment[:8]
        token = credentials.token
        names = "content-type;host;x-amz-date;x-amz-security-token;x-amz-target"
        said = f"content-type:{self.content_type}\nhost:{self.host}\nx-amz-date:{moment}\n"
        if token:
            said += f"x-amz-security-token:{token}\n"
        else:
            names = "content-type;host;x-amz-date;x-amz-target"
        canonical = f"POST\n/\n\n{said}x-amz-target:{target}\n\n{names}\n{hashlib.sha256(body).hexdigest()}"
        scope = f"{day}/{self.region}/{self.service}/aws4_request"
        signed = f"{ALGORITHM}\n{moment}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        signature = hmac.digest(
            self._signing_key(credentials.secret_key, day), signed.encode(), "sha256"
        ).hex()
        headers = {
            "Content-Type": self.content_type,
            "X-Amz-Target": target,
            "X-Amz-Date": moment,
            "Authorization": f"{ALGORITHM} Credential={credentials.access_key}/{scope}, "
            f"SignedHeaders={names}, Signature={signature}",
        }
        if token:
            headers["X-Amz-Security-Token"] = token
        return headers

    def _signing_key(self, secret: str, day: str) -> bytes:
        known = self._key
        if known[0] == secret and known[1] == day:
            return known[2]
        key = f"AWS4{secret}".encode()
        for part in (day, self.region, self.service, "aws4_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        self._key = (secret, day, key)
        return key
