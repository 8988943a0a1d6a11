"""Why something of identity was refused, as clients see it."""

from enum import Enum

import strawberry

from colonnade.results import UserError, user_error


@strawberry.enum(description="Why a signed message is not accepted. More values may be added.")
class MessageFault(Enum):
    MALFORMED = strawberry.enum_value("MALFORMED", description="It is not a message of EIP-4361.")
    WRONG_DOMAIN = strawberry.enum_value("WRONG_DOMAIN", description="It was made for another domain.")
    WRONG_URI = strawberry.enum_value("WRONG_URI", description="Its URI is not one of its domain.")
    WRONG_CHAIN = strawberry.enum_value("WRONG_CHAIN", description="It was made for another chain.")
    NOT_YET_VALID = strawberry.enum_value("NOT_YET_VALID", description="It holds only from a later time on.")
    EXPIRED = strawberry.enum_value("EXPIRED", description="It has expired.")
    CHANGED = strawberry.enum_value(
        "CHANGED", description="It is not, to the letter, the message that was made for this purpose."
    )


@user_error(
    "MESSAGE_REFUSED", advice="Mend what `fault` names, and have the wallet sign the message as it was given."
)
class MessageRefused(UserError):
    """The signed message does not say what it has to."""

    fault: MessageFault = strawberry.field(description="What is wrong with it.")


@user_error("CHALLENGE_INVALID", advice="Ask for another message, and have that one signed.")
class ChallengeInvalid(UserError):
    """The message's nonce is unknown, used, expired, or was made for another address or purpose."""


@user_error("WALLET_SIGNATURE_INVALID", advice="Have the account that the message names sign it, unchanged.")
class WalletSignatureInvalid(UserError):
    """The account in the message did not sign it."""


@user_error("TOO_MANY_CHALLENGES", advice="Wait for `retryAfterMs`, or sign a message that was given before.")
class TooManyChallenges(UserError):
    """So many messages were made for this address that more have to wait."""


@user_error("REFRESH_TOKEN_INVALID", advice="Forget the tokens, and have the user sign in again.")
class RefreshTokenInvalid(UserError):
    """The refresh token is malformed, expired, or of a session that has ended."""


@user_error("REFRESH_TOKEN_REUSED", advice="Forget the tokens, tell the user, and have them sign in again.")
class RefreshTokenReused(UserError):
    """The refresh token was used before. Somebody else may hold it, so its session has ended."""


@user_error("SESSION_NOT_FOUND", advice="Read `viewer { sessions }` again: it has ended, or never was.")
class SessionNotFound(UserError):
    """The caller has no session with this id."""


@user_error("WALLET_TAKEN", advice="Sign in with that wallet instead, or unlink it there first.")
class WalletTaken(UserError):
    """The wallet is linked already, to this user or to another."""


@user_error("WALLET_NOT_LINKED", advice="Read the viewer's wallets again, and choose one of them.")
class WalletNotLinked(UserError):
    """The wallet is not one of the caller's."""


@user_error("LAST_WALLET", advice="Link another wallet first.")
class LastWallet(UserError):
    """It is the only wallet that the user can sign in with."""


@user_error("ERASURE_UNDER_WAY", advice="Forget the tokens, and let the user go.")
class ErasureUnderWay(UserError):
    """The account is being erased already."""


@user_error("TOO_MANY_WALLETS", advice="Unlink one first.")
class TooManyWallets(UserError):
    """The user has linked as many wallets as one can."""


@user_error("API_KEY_NOT_FOUND", advice="Read the viewer's keys again: it is revoked, or never was.")
class ApiKeyNotFound(UserError):
    """The caller has no API key with this id."""


@user_error(
    "PERMISSION_NOT_HELD", advice="Ask for permissions that `viewer { permissions }` lists, `ADMIN` excepted."
)
class PermissionNotHeld(UserError):
    """An API key can do no more than who makes it, and never administers."""


@user_error("ACCESS_ALREADY_GRANTED", advice="Go on: `refreshSession` gives a token that says so.")
class AccessAlreadyGranted(UserError):
    """The user has access already."""


@user_error("INVITATION_INVALID", advice="Ask for another code.")
class InvitationInvalid(UserError):
    """No invitation has this code, or it was used or has expired."""


@user_error("INVITATIONS_EXHAUSTED", advice="Offer it no more.")
class InvitationsExhausted(UserError):
    """The user has written as many invitations as one may."""


@user_error("WAITLIST_ENTRY_NOT_FOUND", advice="Read the waitlist again.")
class WaitlistEntryNotFound(UserError):
    """Nobody waits under this id."""
