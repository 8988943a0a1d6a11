"""Access tokens: what is accepted, what is forged, and keys that change meanwhile."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from colonnade.errors import Unauthenticated
from plugins.identity.settings import IdentitySettings
from plugins.identity.tokens.access_tokens import AccessClaims, is_ours, issue, verify
from plugins.identity.tokens.base64url import decode, encode
from plugins.identity.tokens.key_ring import key_ring
from tests.plugins.identity.signing import acting, harness, settings, signed_in

NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)
OLD: Final = bytes(range(32))
NEW: Final = bytes(range(32, 64))
CLAIMS: Final = AccessClaims("usr_1", "ses_1", frozenset({"ACCESS"}), int(NOW.timestamp()) + 600)


def keys(*entries: tuple[str, str, bytes]) -> IdentitySettings:
    return settings(signing_keys=tuple(f"{kid}:{kind}:{encode(raw)}" for kid, kind, raw in entries))


def public(seed: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


DEPLOYED: Final = keys(("old", "private", OLD))
TOKEN: Final = issue(DEPLOYED, CLAIMS, NOW)


def forged(
    header: Mapping[str, Any] | None = None,
    payload: Mapping[str, Any] | None = None,
    sign: Callable[[bytes], bytes] | None = None,
) -> str:
    """The token with other members, signed in another way, or still with the signature that it had."""
    parts = TOKEN.split(".")
    members = [json.loads(decode(part) or b"") for part in parts[:2]]
    changed = [{**old, **(new or {})} for old, new in zip(members, (header, payload), strict=True)]
    body = ".".join(encode(json.dumps(part).encode()) for part in changed)
    return f"{body}.{encode(sign(body.encode())) if sign else parts[2]}"


def by(seed: bytes) -> Callable[[bytes], bytes]:
    return Ed25519PrivateKey.from_private_bytes(seed).sign


def with_hmac(secret: bytes) -> Callable[[bytes], bytes]:
    return lambda body: hmac.digest(secret, body, hashlib.sha256)


def test_a_token_says_what_was_put_into_it() -> None:
    assert verify(DEPLOYED, TOKEN, NOW) == CLAIMS
    assert verify(DEPLOYED, TOKEN, NOW + timedelta(seconds=599)) == CLAIMS


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(forged({"alg": "none"}, sign=lambda _: b""), id="algorithm none"),
        pytest.param(forged({"alg": "HS256"}, sign=with_hmac(public(OLD))), id="HS256 with the public key"),
        pytest.param(forged({"alg": "ES256"}, sign=by(OLD)), id="another algorithm"),
        pytest.param(forged({"kid": "other"}, sign=by(NEW)), id="a kid that nobody knows"),
        pytest.param(forged({"kid": 1}, sign=by(OLD)), id="a kid that is no text"),
        pytest.param(forged({"typ": "JWT"}, sign=by(OLD)), id="another type"),
        pytest.param(forged({"jwk": {"kty": "OKP"}}, sign=by(NEW)), id="a key of its own"),
        pytest.param(forged({"crit": ["exp"], "exp": 1}, sign=by(OLD)), id="a header that asks for more"),
        pytest.param(forged(sign=by(NEW)), id="another key under our kid"),
        pytest.param(forged(payload={"sub": "usr_2"}), id="another user"),
        pytest.param(forged(payload={"permissions": ["ADMIN"]}), id="more permissions"),
        pytest.param(forged(payload={"exp": CLAIMS.expires_at + 1}), id="a later end"),
        pytest.param(forged(payload={"iss": "other"}, sign=by(OLD)), id="another issuer"),
        pytest.param(forged(payload={"aud": "other"}, sign=by(OLD)), id="another audience"),
        pytest.param(forged(payload={"aud": ["colonnade"]}, sign=by(OLD)), id="audiences"),
        pytest.param(
            forged(payload={"exp": CLAIMS.expires_at + 1}, sign=by(OLD)), id="longer than ten minutes"
        ),
        pytest.param(forged(payload={"exp": 1e12}, sign=by(OLD)), id="an end that is no integer"),
        pytest.param(forged(payload={"exp": True}, sign=by(OLD)), id="an end that is a bool"),
        pytest.param(forged(payload={"nbf": CLAIMS.expires_at - 500}, sign=by(OLD)), id="not yet good"),
        pytest.param(forged(payload={"sub": 1}, sign=by(OLD)), id="a user that is no text"),
        pytest.param(
            forged(payload={"permissions": "ADMIN"}, sign=by(OLD)), id="permissions that are no list"
        ),
        pytest.param(forged(payload={"more": 1}, sign=by(OLD)), id="a claim that we do not make"),
        pytest.param(TOKEN + "=", id="padding"),
        pytest.param(TOKEN + ".", id="four parts"),
        pytest.param(forged(payload={"permissions": ["A" * 4000]}, sign=by(OLD)), id="too long"),
        pytest.param(TOKEN.rpartition(".")[0] + ".", id="no signature"),
        pytest.param("\ud800" + TOKEN, id="no text at all"),
        pytest.param("..", id="nothing"),
    ],
)
def test_a_forged_token_is_refused(token: str) -> None:
    with pytest.raises(Unauthenticated):
        verify(DEPLOYED, token, NOW)


def test_a_member_that_occurs_twice_is_refused() -> None:
    payload = (decode(TOKEN.split(".")[1]) or b"").replace(b'"sub":', b'"sub":"usr_0","sub":')
    body = f"{TOKEN.split('.')[0]}.{encode(payload)}"
    with pytest.raises(Unauthenticated):
        verify(DEPLOYED, f"{body}.{encode(by(OLD)(body.encode()))}", NOW)


@pytest.mark.parametrize("claim", ["iat", "nbf"])
def test_clocks_of_those_who_sign_and_verify_may_differ_by_half_a_minute(claim: str) -> None:
    now = int(NOW.timestamp())
    assert verify(DEPLOYED, forged(payload={claim: now + 30}, sign=by(OLD)), NOW) == CLAIMS
    with pytest.raises(Unauthenticated):
        verify(DEPLOYED, forged(payload={claim: now + 31}, sign=by(OLD)), NOW)


def test_an_expired_token_is_refused() -> None:
    with pytest.raises(Unauthenticated, match="refreshSession"):
        verify(DEPLOYED, TOKEN, NOW + timedelta(seconds=600))


@given(st.integers(0, len(TOKEN) - 1), st.characters(min_codepoint=33, max_codepoint=126))
def test_any_character_changed_is_refused(at: int, character: str) -> None:
    if TOKEN[at] == character:
        return
    with pytest.raises(Unauthenticated):
        verify(DEPLOYED, TOKEN[:at] + character + TOKEN[at + 1 :], NOW)


@given(st.text(max_size=200))
def test_no_text_is_more_than_refused(token: str) -> None:
    assert is_ours(token, "colonnade") is False
    with pytest.raises(Unauthenticated):
        verify(DEPLOYED, token, NOW)


def test_keys_rotate_without_signing_anybody_out() -> None:
    both = keys(("new", "private", NEW), ("old", "private", OLD))
    assert verify(both, TOKEN, NOW) == CLAIMS
    fresh = issue(both, CLAIMS, NOW)
    assert json.loads(decode(fresh.split(".")[0]) or b"")["kid"] == "new"
    assert verify(both, fresh, NOW) == CLAIMS
    with pytest.raises(Unauthenticated):
        verify(DEPLOYED, fresh, NOW)


def test_a_retired_key_verifies_and_signs_no_more() -> None:
    retired = keys(("new", "private", NEW), ("old", "public", public(OLD)))
    assert verify(retired, TOKEN, NOW) == CLAIMS
    gone = keys(("new", "private", NEW))
    with pytest.raises(Unauthenticated):
        verify(gone, TOKEN, NOW)
    with pytest.raises(ValueError, match="the first signs"):
        keys(("old", "public", public(OLD)))


def test_jwks_holds_public_keys_alone() -> None:
    ring = key_ring(keys(("new", "private", NEW), ("old", "public", public(OLD))).key_entries())
    published = json.loads(ring.jwks())["keys"]
    assert [key["kid"] for key in published] == ["new", "old"]
    assert [decode(key["x"]) for key in published] == [public(NEW), public(OLD)]
    assert {name for key in published for name in key} == {"kty", "crv", "x", "kid", "alg", "use"}


@pytest.mark.parametrize(
    "entries",
    [(), ("a",), ("a:private:AAAA",), (f"a:secret:{encode(OLD)}",), (f"a:private:{encode(OLD)}=",),
     (f"a:private:{encode(OLD)}", f"a:public:{encode(OLD)}"), (f"a b:private:{encode(OLD)}",)],
)  # fmt: skip
def test_malformed_keys_are_refused_and_not_shown(entries: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="signing_keys") as refused:
        settings(signing_keys=entries)
    assert encode(OLD) not in str(refused.value)


def test_keys_are_not_shown() -> None:
    assert encode(OLD) not in repr(DEPLOYED)
    assert repr(OLD) not in repr(DEPLOYED.key_entries())
    assert encode(OLD) not in repr(key_ring(DEPLOYED.key_entries()))


def test_a_token_of_somebody_else_is_not_of_our_kind() -> None:
    theirs = forged(payload={"iss": "https://auth.example"}, sign=by(NEW))
    assert is_ours(TOKEN, "colonnade")
    assert not is_ours(theirs, "colonnade")
    assert not is_ours("col_key", "colonnade")


async def test_a_session_outlives_the_key_that_it_began_with() -> None:
    before = harness()
    tokens = await signed_in(before)
    after = settings(signing_keys=(f"k2:private:{encode(NEW)}", f"k1:public:{encode(public(bytes(32)))}"))
    before.settings[IdentitySettings] = after  # type: ignore[index] # as a new deployment would
    viewer = await acting(before, tokens["accessToken"])
    assert (await viewer.data("{ viewer { id } }"))["viewer"]["id"] == tokens["user"]["id"]
    gone = replace(after, signing_keys=after.signing_keys[:1])
    before.settings[IdentitySettings] = gone  # type: ignore[index]
    with pytest.raises(Unauthenticated):
        await acting(before, tokens["accessToken"])
