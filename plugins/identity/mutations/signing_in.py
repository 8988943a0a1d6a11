"""Signing in, staying signed in, signing out."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Final

import strawberry

from colonnade import Info, Refused, extend
from colonnade.chains import BASE, ChainId
from colonnade.cost import upstream
from colonnade.evm import Address
from colonnade.results import ValidationFailed, ValidationIssue
from colonnade.scalars import Hex
from plugins.identity.challenges import Challenge as MadeChallenge
from plugins.identity.challenges import Place, Purpose, make_challenge
from plugins.identity.proofs import SignedMessage, place_fault, refusal_of
from plugins.identity.refusals import (
    ChallengeInvalid,
    MessageRefused,
    RefreshTokenInvalid,
    RefreshTokenReused,
    TooManyChallenges,
    WalletSignatureInvalid,
)
from plugins.identity.sessions import refresh
from plugins.identity.settings import IdentitySettings
from plugins.identity.signing_in import sign_in
from plugins.identity.types.sessions import SessionTokens

MAX_LABEL: Final = 100


@strawberry.type(
    description="A message for a wallet to sign (EIP-4361), good for ten minutes and for one use."
)
class Challenge:
    message: str = strawberry.field(description="What the wallet signs, to the letter (EIP-191).")
    nonce: str = strawberry.field(description="What makes it good for one use.")
    expires_at: datetime = strawberry.field(description="When it is no longer accepted.")

    @classmethod
    def of(cls, made: MadeChallenge) -> "Challenge":
        """A challenge as clients see it."""
        return cls(message=made.text, nonce=made.message.nonce, expires_at=made.expires_at)


@strawberry.input(description="Who wants to sign in, and where.")
class RequestSignInInput:
    address: Address = strawberry.field(description="The wallet that will sign.")
    domain: str = strawberry.field(description="The authority of the page that asks, as in app.example.")
    uri: str = strawberry.field(description="The page that asks, as in https://app.example/login.")
    chain_id: ChainId = strawberry.field(default=BASE, description="The chain that the wallet is on.")


RequestSignInResult = Annotated[
    Challenge | MessageRefused | TooManyChallenges,
    strawberry.union("RequestSignInResult", description="A message to sign, or why there is none."),
]


@strawberry.input(description="A signed message.")
class SignInInput:
    message: str = strawberry.field(
        description="The message that was signed. A client may word its own around the nonce of `requestSignIn`."
    )
    signature: Hex = strawberry.field(
        description="The wallet's signature: a key's, a contract's (ERC-1271), or that of one to come (ERC-6492)."
    )
    label: str | None = strawberry.field(
        default=None, description="What to call this device in the list of sessions, at most 100 characters."
    )


SignInResult = Annotated[
    SessionTokens | MessageRefused | ChallengeInvalid | WalletSignatureInvalid | ValidationFailed,
    strawberry.union("SignInResult", description="A session's tokens, or why there is no session."),
]


@strawberry.input(description="The refresh token of a session.")
class RefreshSessionInput:
    refresh_token: str = strawberry.field(description="The last one that this session gave.")


RefreshSessionResult = Annotated[
    SessionTokens | RefreshTokenInvalid | RefreshTokenReused,
    strawberry.union("RefreshSessionResult", description="New tokens, or why there are none."),
]


@extend("Mutation")
class SigningIn:
    @strawberry.field(description="Ask for a message to sign in with.")
    async def request_sign_in(
        self,
        info: Info,
        input: Annotated[RequestSignInInput, strawberry.argument(description="Who, and where.")],  # noqa: A002 - the API's name
    ) -> RequestSignInResult | None:
        place = checked_place(info, input.domain, input.uri, input.chain_id)
        return Challenge.of(await make_challenge(info.context, Purpose.SIGN_IN, input.address, place))

    @strawberry.field(
        description="Sign in with a signed message. The first sign-in of a wallet that is nobody's makes a user.",
        extensions=[upstream()],
    )
    async def sign_in(
        self,
        info: Info,
        input: Annotated[SignInInput, strawberry.argument(description="What was signed.")],  # noqa: A002 - the API's name
    ) -> SignInResult | None:
        issues = list(_issues(input))
        if issues:
            raise Refused(ValidationFailed.of(issues))
        signed = SignedMessage(input.message, input.signature)
        return SessionTokens.of(await sign_in(info.context, signed, input.label))

    @strawberry.field(
        description="Take new tokens. Each refresh token is good once; send this without an Authorization header."
    )
    async def refresh_session(
        self,
        info: Info,
        input: Annotated[RefreshSessionInput, strawberry.argument(description="The token.")],  # noqa: A002 - the API's name
    ) -> RefreshSessionResult | None:
        return SessionTokens.of(await refresh(info.context, input.refresh_token))


def checked_place(info: Info, domain: str, uri: str, chain_id: ChainId) -> Place:
    """Where a message will be shown. Raises `Refused` with `MessageRefused`."""
    place = Place(domain, uri, chain_id)
    fault = place_fault(info.context.setting(IdentitySettings), place)
    if fault is not None:
        raise Refused(refusal_of(fault, path=["input"]))
    return place


def _issues(given: SignInInput) -> Iterator[ValidationIssue]:
    if given.label is not None and not 1 <= len(given.label) <= MAX_LABEL:
        yield ValidationIssue(
            path=["input", "label"], code="OUT_OF_RANGE", message=f"1 to {MAX_LABEL} characters"
        )
