"""A client with wallets: it signs what the API asks it to, and sends what it is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from eth_account import Account
from eth_account.messages import encode_defunct
from eth_account.signers.local import LocalAccount

from colonnade.authentication import principal_of
from colonnade.chains import Call
from colonnade.evm import Address
from colonnade.permissions import Principal
from colonnade.signatures import CHECK, VALIDATOR_ADDRESS
from colonnade.store import Store
from colonnade.testing import FrozenClock, Harness, ScriptedChain, ScriptedChains
from plugins.identity.settings import IdentitySettings

DOMAIN: Final = "app.example"
URI: Final = "https://app.example/login"
KEY: Final = "k1:private:" + "A" * 43
CONTRACTS_SIGNATURE: Final = b"\x01" * 90
"""What the contract wallet of these tests takes for a signature of anything."""

CONTRACT_WALLET: Final = Address("0x00000000000000000000000000000000DeaDBeef")

REQUEST: Final = """mutation($input: RequestSignInInput!) { requestSignIn(input: $input) {
  __typename ... on Challenge { message nonce expiresAt }
  ... on UserError { code message path retryable retryAfterMs } ... on MessageRefused { fault } } }"""
SIGN_IN: Final = """mutation($input: SignInInput!) { signIn(input: $input) {
  __typename ... on SessionTokens { accessToken accessTokenExpiresAt refreshToken refreshTokenExpiresAt sessionId user { id } }
  ... on UserError { code message path } ... on MessageRefused { fault } } }"""
REFRESH: Final = """mutation($input: RefreshSessionInput!) { refreshSession(input: $input) {
  __typename ... on SessionTokens { accessToken refreshToken sessionId user { id } }
  ... on UserError { code message } } }"""


def wallet(number: int) -> LocalAccount:
    """A wallet whose key everybody knows."""
    made: LocalAccount = Account.from_key(number.to_bytes(32, "big"))
    return made


ALICE: Final = wallet(0xA11CE)
BOB: Final = wallet(0xB0B)


def sign(account: LocalAccount, message: str) -> bytes:
    """The signature of a personal message."""
    return bytes(account.sign_message(encode_defunct(text=message)).signature)


def chain_of_wallets() -> ScriptedChain:
    """A chain that knows keys, and one contract that signs."""
    chain = ScriptedChain()

    def validate(call: Call) -> bytes:
        signer, digest, signature = CHECK.decode_arguments(call.data)
        if signer == CONTRACT_WALLET:
            return b"\2" if signature == CONTRACTS_SIGNATURE else b"\0"
        try:
            recovered = Account._recover_hash(digest, signature=signature)
        except Exception:
            return b"\0"
        return b"\1" if recovered == signer else b"\0"

    chain.answer(VALIDATOR_ADDRESS, CHECK.selector, validate)
    return chain


def settings(**given: Any) -> IdentitySettings:
    """Those of a deployment at app.example."""
    return IdentitySettings(**{"signing_keys": (KEY,), "domains": (DOMAIN,), **given})


def harness(
    chain: ScriptedChain | None = None,
    *,
    store: Store | None = None,
    clock: FrozenClock | None = None,
    **given: Any,
) -> Harness:
    """The plugin alone, on a chain of wallets."""
    return Harness(
        "plugins.identity",
        settings=[settings(**given)],
        chains=ScriptedChains(chain or chain_of_wallets()),
        store=store,
        clock=clock,
    )


async def principal(api: Harness, credentials: str) -> Principal:
    """Whom these credentials make the caller. Raises `Unauthenticated`."""
    authenticators = [authenticator for _, authenticator in api.composition.authenticators]
    found = await principal_of(api.context(), f"Bearer {credentials}", authenticators)
    assert found is not None
    return found


async def acting(api: Harness, credentials: str) -> Harness:
    """The API as whoever holds these credentials meets it."""
    return api.acting_as(await principal(api, credentials))


async def challenge(api: Harness, address: str, **changed: Any) -> Mapping[str, Any]:
    """What `requestSignIn` answers."""
    given = {"address": address, "domain": DOMAIN, "uri": URI, **changed}
    answered: Mapping[str, Any] = (await api.data(REQUEST, {"input": given}))["requestSignIn"]
    return answered


async def send(api: Harness, message: str, signature: bytes, **more: Any) -> Mapping[str, Any]:
    """What `signIn` answers."""
    given = {"message": message, "signature": f"0x{signature.hex()}", **more}
    answered: Mapping[str, Any] = (await api.data(SIGN_IN, {"input": given}))["signIn"]
    return answered


async def signed_in(api: Harness, account: LocalAccount = ALICE, **more: Any) -> Mapping[str, Any]:
    """The tokens of a new session."""
    message = (await challenge(api, account.address))["message"]
    tokens = await send(api, message, sign(account, message), **more)
    assert tokens["__typename"] == "SessionTokens", tokens
    return tokens


async def refreshed(api: Harness, token: str) -> Mapping[str, Any]:
    """What `refreshSession` answers."""
    answered: Mapping[str, Any] = (await api.data(REFRESH, {"input": {"refreshToken": token}}))[
        "refreshSession"
    ]
    return answered


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody with a session: the API as they meet it, and their tokens."""

    api: Harness
    user: str
    tokens: Mapping[str, Any]


async def somebody(api: Harness, account: LocalAccount = ALICE) -> SignedIn:
    """Somebody who has just signed in."""
    tokens = await signed_in(api, account)
    return SignedIn(await acting(api, tokens["accessToken"]), tokens["user"]["id"], tokens)
