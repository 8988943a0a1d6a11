"""Signing in to the API on this machine as a development account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from colonnade.development.accounts import DevelopmentAccount
from colonnade.development.api import LocalApi
from colonnade.evm import Address, hash_message

_ERROR: Final = "... on UserError { __typename code message retryable }"
_TOKENS: Final = (
    "... on SessionTokens { accessToken accessTokenExpiresAt refreshToken refreshTokenExpiresAt sessionId }"
)
_REQUEST: Final = f"""mutation($input: RequestSignInInput!) {{
  requestSignIn(input: $input) {{ ... on Challenge {{ message }} {_ERROR} }} }}"""
_SIGN_IN: Final = f"mutation($input: SignInInput!) {{ signIn(input: $input) {{ {_TOKENS} {_ERROR} }} }}"
_REFRESH: Final = (
    f"mutation($input: RefreshSessionInput!) {{ refreshSession(input: $input) {{ {_TOKENS} {_ERROR} }} }}"
)


@dataclass(frozen=True, slots=True)
class Session:
    """A session of `account`. `access_token` is good until `expires_at`; `refresh_token` once, for other tokens."""

    account: Address
    session_id: str
    expires_at: datetime
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)

    def is_good_at(self, now: datetime, *, for_another: timedelta = timedelta()) -> bool:
        """Whether the access token will still be accepted so long after `now`."""
        return now + for_another < self.expires_at


def sign_in(api: LocalApi, account: DevelopmentAccount, label: str, chain_id: int = 8453) -> Session:
    """A new session. `label`: what it is called in a list of sessions. Raises `Refused` and other `WalletFault`s."""
    asked = {
        "address": account.address,
        "domain": api.endpoint.authority,
        "uri": f"{api.endpoint.origin}{api.endpoint.path}",
        "chainId": chain_id,
    }
    message = str(api.mutate("requestSignIn", _REQUEST, asked)["message"])
    signature = "0x" + account.signature(hash_message(message)).hex()
    given = {"message": message, "signature": signature, "label": label}
    return _session(account.address, api.mutate("signIn", _SIGN_IN, given))


def refresh(api: LocalApi, session: Session) -> Session:
    """The same session with fresh tokens; its refresh token is used up. Raises `Refused` where it has ended."""
    # An access token that has expired would refuse the request itself.
    given = {"refreshToken": session.refresh_token}
    return _session(session.account, api.acting(None).mutate("refreshSession", _REFRESH, given))


def _session(account: Address, tokens: Mapping[str, Any]) -> Session:
    return Session(
        account,
        tokens["sessionId"],
        datetime.fromisoformat(tokens["accessTokenExpiresAt"]),
        tokens["accessToken"],
        tokens["refreshToken"],
    )
