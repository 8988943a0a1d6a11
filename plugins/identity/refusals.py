"""Why something of identity was refused, as clients see it."""

from __future__ import annotations

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


@user_error("MESSAGE_REFUSED")
class MessageRefused(UserError):
    """The signed message does not say what it has to."""

    fault: MessageFault = strawberry.field(description="What is wrong with it.")


@user_error("CHALLENGE_INVALID")
class ChallengeInvalid(UserError):
    """The message's nonce is unknown, used, expired, or was made for another address or purpose."""


@user_error("WALLET_SIGNATURE_INVALID")
class WalletSignatureInvalid(UserError):
    """The account in the message did not sign it."""


@user_error("TOO_MANY_CHALLENGES")
class TooManyChallenges(UserError):
    """So many messages were made for this address that more have to wait."""


@user_error("REFRESH_TOKEN_INVALID")
class RefreshTokenInvalid(UserError):
    """The refresh token is malformed, expired, or of a session that has ended."""


@user_error("REFRESH_TOKEN_REUSED")
class RefreshTokenReused(UserError):
    """The refresh token was used before. Somebody else may hold it, so its session has ended."""


@user_error("SESSION_NOT_FOUND")
class SessionNotFound(UserError):
    """The caller has no session with this id."""


@user_error("WALLET_TAKEN")
class WalletTaken(UserError):
    """The wallet is linked already, to this user or to another."""


@user_error("WALLET_NOT_LINKED")
class WalletNotLinked(UserError):
    """The wallet is not one of the caller's."""


@user_error("LAST_WALLET")
class LastWallet(UserError):
    """It is the only wallet that the user can sign in with."""


@user_error("TOO_MANY_WALLETS")
class TooManyWallets(UserError):
    """The user has linked as many wallets as one can."""


@user_error("API_KEY_NOT_FOUND")
class ApiKeyNotFound(UserError):
    """The caller has no API key with this id."""


@user_error("PERMISSION_NOT_HELD")
class PermissionNotHeld(UserError):
    """An API key can do no more than who makes it, and never administers."""


@user_error("ACCESS_ALREADY_GRANTED")
class AccessAlreadyGranted(UserError):
    """The user has access already."""


@user_error("INVITATION_INVALID")
class InvitationInvalid(UserError):
    """No invitation has this code, or it was used or has expired."""


@user_error("INVITATIONS_EXHAUSTED")
class InvitationsExhausted(UserError):
    """The user has written as many invitations as one may."""


@user_error("WAITLIST_ENTRY_NOT_FOUND")
class WaitlistEntryNotFound(UserError):
    """Nobody waits under this id."""
