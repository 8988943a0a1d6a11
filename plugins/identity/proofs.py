"""A signed message as evidence: what it must say, and that its account signed it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from colonnade import Context, Refused
from colonnade.chains import ChainId
from colonnade.evm import hash_message
from colonnade.signatures import signing_kind
from colonnade.wallets import WalletKind
from plugins.identity.challenges import Place
from plugins.identity.refusals import MessageFault, MessageRefused, WalletSignatureInvalid
from plugins.identity.settings import IdentitySettings
from plugins.identity.siwe import MalformedMessage, SiweMessage, parse_message
from plugins.identity.siwe.grammar import is_domain, origin_of

CLOCK_SKEW: Final = timedelta(seconds=60)
"""How far ahead of ours the clock of a wallet or page may be."""

_PORT: Final = re.compile(":[0-9]+$")
_LOCAL_HOSTS: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})


@dataclass(frozen=True, slots=True)
class SignedMessage:
    """A message as a client sends it back: the text to the letter, and the account's signature of it."""

    text: str
    signature: bytes


def place_fault(settings: IdentitySettings, place: Place, scheme: str | None = None) -> MessageFault | None:
    """What is wrong with where a message claims to be shown; None where nothing is.

    The URI is one of the domain's own, over https, or over http on the developer's machine.
    """
    if not is_domain(place.domain) or not settings.allows_domain(place.domain):
        return MessageFault.WRONG_DOMAIN
    schemes = {"https", "http"} if _PORT.sub("", place.domain) in _LOCAL_HOSTS else {"https"}
    origin = origin_of(place.uri)
    if origin is None or origin[0] not in schemes or origin[1] != place.domain:
        return MessageFault.WRONG_URI
    if scheme is not None and scheme != origin[0]:
        return MessageFault.WRONG_DOMAIN
    if place.chain_id not in settings.chains:
        return MessageFault.WRONG_CHAIN
    return None


def read_message(context: Context, signed: SignedMessage) -> SiweMessage:
    """What the message says, if it may say that here and now. Raises `Refused` with `MessageRefused`."""
    try:
        message = parse_message(signed.text)
    except MalformedMessage as error:
        raise Refused(refusal_of(MessageFault.MALFORMED, why=str(error))) from error
    place = Place(message.domain, message.uri, message.chain_id)
    fault = place_fault(context.setting(IdentitySettings), place, message.scheme) or _untimely(
        context, message
    )
    if fault is not None:
        raise Refused(refusal_of(fault))
    return message


async def wallet_that_signed(context: Context, signed: SignedMessage, message: SiweMessage) -> WalletKind:
    """What stands behind the message's address, which signed it, as the message's chain sees it.

    Raises `Refused` with `WalletSignatureInvalid`, `SignatureTooLong`, and `ChainUnavailable` where the chain cannot
    tell.
    """
    chain = context.chain(ChainId(message.chain_id))
    kind = await signing_kind(chain, message.address, hash_message(signed.text), signed.signature)
    if kind is None:
        raise Refused(
            WalletSignatureInvalid(
                message=f"this is not a signature of the message by {message.address}",
                path=["input", "signature"],
            )
        )
    return kind


def refusal_of(
    fault: MessageFault, *, why: str | None = None, path: Sequence[str] = ("input", "message")
) -> MessageRefused:
    """The refusal of a message with this fault."""
    return MessageRefused(fault=fault, message=why or _MESSAGES[fault], path=list(path))


_MESSAGES: Final = {
    MessageFault.WRONG_DOMAIN: "the message is for a domain that this deployment does not know (IDENTITY_DOMAINS)",
    MessageFault.WRONG_URI: "the URI has to be one of the domain itself, over https",
    MessageFault.WRONG_CHAIN: "the message is for a chain that nobody signs in from here (IDENTITY_CHAINS)",
    MessageFault.NOT_YET_VALID: "the message was issued in the future, or holds only from a later time on",
    MessageFault.EXPIRED: "the message has expired; ask for a new one",
}


def _untimely(context: Context, message: SiweMessage) -> MessageFault | None:
    now = context.clock.now()
    starts = max(message.issued, message.valid_from or message.issued)
    if starts > now + CLOCK_SKEW:
        return MessageFault.NOT_YET_VALID
    if message.expires is not None and message.expires <= now:
        return MessageFault.EXPIRED
    return None
