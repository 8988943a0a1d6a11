"""A key in AWS KMS (ECC_SECG_P256K1), which never leaves it."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from colonnade.errors import ServiceUnavailable
from colonnade.evm import Address
from colonnade.evm.recovery import EcdsaSignature, InvalidSignature, address_of, recover
from infra import aws

_THREADS: Final = 4

# SubjectPublicKeyInfo (RFC 5480) of an uncompressed point on secp256k1, up to the point's coordinates.
_PUBLIC_KEY_HEAD: Final = bytes.fromhex("3056301006072a8648ce3d020106052b8104000a03420004")


@dataclass(frozen=True, slots=True)
class KmsSettings:
    """`key_id`: an id, an ARN or an alias. The endpoint and the keys are for an engine on this machine."""

    key_id: str
    region: str
    endpoint_url: str | None = None
    access_key: str | None = None
    secret_key: str | None = field(default=None, repr=False)
    connect_timeout: float = 1.0
    read_timeout: float = 2.0


class KmsSigner:
    """Signs with a key of KMS; safe to use from several threads and event loops."""

    def __init__(self, settings: KmsSettings) -> None:
        self._settings: Final = settings
        self._lock: Final = threading.Lock()
        self._client: Any = None
        self._address: Address | None = None
        self._threads: Final = ThreadPoolExecutor(_THREADS, thread_name_prefix="kms")

    async def address(self) -> Address:
        """See `Signer.address`. It is asked of KMS once."""
        if self._address is None:
            answer = await self._call("get_public_key", {"KeyId": self._settings.key_id})
            self._address = _address(answer.get("PublicKey"))
        return self._address

    async def sign(self, digest: bytes) -> EcdsaSignature:
        """See `Signer.sign`."""
        signer = await self.address()
        answer = await self._call(
            "sign",
            {
                "KeyId": self._settings.key_id,
                "Message": digest,
                "MessageType": "DIGEST",
                "SigningAlgorithm": "ECDSA_SHA_256",
            },
        )
        r, s = _r_and_s(answer.get("Signature"))
        for parity in (0, 1):
            signature = EcdsaSignature(r, s, parity).low()
            try:
                if recover(digest, signature) == signer:
                    return signature
            except InvalidSignature:
                continue
        raise _unusable("KMS gives a signature that is not its key's")

    def close(self) -> None:
        """Ends the threads and closes the connections."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            if self._client is not None:
                self._client.close()

    async def _call(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._threads, self._send, operation, request)
        except ClientError as error:
            reason = error.response["Error"].get("Code", "an error")
        except BotoCoreError as error:
            reason = type(error).__name__
        raise _unusable(f"KMS answers {operation} with {reason}")

    def _send(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            if self._client is None:
                self._client = aws.client("kms", self._settings, attempts=2, max_pool_connections=_THREADS)
            client = self._client
        answer: dict[str, Any] = getattr(client, operation)(**request)
        return answer


def _address(public_key: object) -> Address:
    size = len(_PUBLIC_KEY_HEAD) + 64
    if not (
        isinstance(public_key, bytes) and len(public_key) == size and public_key[:-64] == _PUBLIC_KEY_HEAD
    ):
        raise _unusable("KMS gives a public key that is not of ECC_SECG_P256K1")
    x, y = int.from_bytes(public_key[-64:-32], "big"), int.from_bytes(public_key[-32:], "big")
    try:
        return address_of(x, y)
    except InvalidSignature as problem:
        raise _unusable(str(problem)) from None


def _r_and_s(signature: object) -> tuple[int, int]:
    """The numbers of an ECDSA signature in DER (RFC 3279, 2.2.3), which is strict about how it is spelled."""
    if (
        isinstance(signature, bytes)
        and signature[:1] == b"\x30"
        and signature[1:2] == bytes([len(signature) - 2])
    ):
        r, rest = _integer(signature[2:])
        s, rest = _integer(rest)
        if r and s and not rest:
            return r, s
    raise _unusable("KMS gives a signature that is not DER")


def _integer(der: bytes) -> tuple[int, bytes]:
    """The positive number at the beginning, 0 if there is none, and what follows."""
    length = der[1] if len(der) > 2 and der[0] == 0x02 else 0
    digits = der[2 : 2 + length]
    if not digits or len(digits) != length or digits[0] & 0x80:
        return 0, b""
    return int.from_bytes(digits, "big"), der[2 + length :]


def _unusable(why: str) -> ServiceUnavailable:
    return ServiceUnavailable(f"the operator's key cannot be used: {why}")
