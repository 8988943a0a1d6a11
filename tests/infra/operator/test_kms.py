"""Signatures of KMS as chains take them, and everything that KMS may answer instead."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from eth_account import Account

from colonnade.errors import ServiceUnavailable
from colonnade.evm.recovery import recover
from colonnade.evm.secp256k1 import ORDER
from infra import aws
from infra.operator.kms import KmsSettings, KmsSigner

SETTINGS = KmsSettings("key", "us-east-1")
DIGEST = hashlib.sha256(b"what is signed").digest()
PRIVATE = ec.derive_private_key(7, ec.SECP256K1())
Answer = Callable[..., dict[str, Any]]


def public_key(curve: ec.EllipticCurve | None = None) -> bytes:
    key = PRIVATE if curve is None else ec.derive_private_key(7, curve)
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


class ScriptedKms:
    """KMS that answers what a test says, which no engine on this machine does."""

    def __init__(self, signature: bytes = b"", key: object = None) -> None:
        self._signature = signature
        self._key = public_key() if key is None else key
        self.asked: list[str] = []

    def get_public_key(self, KeyId: str) -> dict[str, Any]:
        self.asked.append("get_public_key")
        return {"KeyId": KeyId, "PublicKey": self._key}

    def sign(self, **request: object) -> dict[str, Any]:
        self.asked.append("sign")
        assert request["MessageType"] == "DIGEST"
        return {"Signature": self._signature}

    def close(self) -> None:
        self.asked.append("close")


@pytest.fixture
def signer_of(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Callable[[ScriptedKms], KmsSigner]:
    def make(client: ScriptedKms) -> KmsSigner:
        monkeypatch.setattr(aws, "client", lambda *_, **__: client)
        signer = KmsSigner(SETTINGS)
        request.addfinalizer(signer.close)
        return signer

    return make


SignerOf = Callable[[ScriptedKms], KmsSigner]


def numbers(secret: int = 7) -> tuple[int, int]:
    signed = Account.unsafe_sign_hash(DIGEST, secret.to_bytes(32, "big"))
    return signed.r, signed.s


async def test_a_high_s_becomes_a_low_one_of_the_same_signer(signer_of: SignerOf) -> None:
    r, s = numbers()
    for spelled in (s, ORDER - s):
        signer = signer_of(ScriptedKms(utils.encode_dss_signature(r, spelled)))
        signature = await signer.sign(DIGEST)
        assert (signature.r, signature.s) == (r, s)
        assert recover(DIGEST, signature) == await signer.address()
        assert await signer.address() == Account.from_key((7).to_bytes(32, "big")).address


async def test_the_public_key_is_asked_once(signer_of: SignerOf) -> None:
    client = ScriptedKms(utils.encode_dss_signature(*numbers()))
    signer = signer_of(client)
    await signer.sign(DIGEST)
    await signer.sign(DIGEST)
    assert client.asked == ["get_public_key", "sign", "sign"]


GOOD = utils.encode_dss_signature(*numbers())
MALFORMED = {
    "nothing": b"",
    "no sequence": b"\x31" + GOOD[1:],
    "another length": GOOD[:1] + b"\x10" + GOOD[2:],
    "cut off": GOOD[:-1],
    "more behind it": bytes([0x30, len(GOOD)]) + GOOD[2:] + b"\x00\x00",
    "a negative number": b"\x30\x06\x02\x01\x80\x02\x01\x01",
    "a zero": b"\x30\x06\x02\x01\x00\x02\x01\x01",
    "one number": b"\x30\x03\x02\x01\x01",
    "an empty number": b"\x30\x05\x02\x00\x02\x01\x01",
}


@pytest.mark.parametrize("signature", MALFORMED.values(), ids=MALFORMED.keys())
async def test_a_malformed_signature_is_not_used(signature: bytes, signer_of: SignerOf) -> None:
    with pytest.raises(ServiceUnavailable, match="not DER"):
        await signer_of(ScriptedKms(signature)).sign(DIGEST)


async def test_a_signature_of_another_key_is_not_used(signer_of: SignerOf) -> None:
    signature = utils.encode_dss_signature(*numbers(secret=8))
    with pytest.raises(ServiceUnavailable, match="not its key's"):
        await signer_of(ScriptedKms(signature)).sign(DIGEST)


@pytest.mark.parametrize(
    "key",
    [b"", "text", public_key(ec.SECP256R1()), public_key()[:-1], public_key()[:-64] + b"\x01" * 64],
    ids=["nothing", "text", "another curve", "cut off", "off the curve"],
)
async def test_a_malformed_public_key_is_not_used(key: object, signer_of: SignerOf) -> None:
    with pytest.raises(ServiceUnavailable, match="the operator's key cannot be used"):
        await signer_of(ScriptedKms(key=key)).address()


async def test_kms_that_nobody_can_reach_is_unavailable() -> None:
    signer = KmsSigner(KmsSettings("key", "us-east-1", "http://127.0.0.1:1", "local", "local"))
    with pytest.raises(ServiceUnavailable, match="get_public_key with EndpointConnectionError"):
        await signer.address()
    signer.close()
