"""What the plugin keeps. Secrets are kept as their hashes alone."""

from __future__ import annotations

from typing import Final

from colonnade.entities import Entity, Index

PLUGIN: Final = "identity"

CHALLENGE: Final = Entity(
    PLUGIN,
    "Challenge",
    partition="{nonce}",
    serves=("the message with this nonce, which is deleted when it is used",),
    expires=True,
)
CHALLENGE_COUNT: Final = Entity(
    PLUGIN,
    "ChallengeCount",
    partition="{address}",
    sort="{window:012d}",
    serves=("how many messages were made for an address in ten minutes",),
    expires=True,
)
USER: Final = Entity(PLUGIN, "User", partition="{id}", serves=("a user by id",))
ADDRESS: Final = Entity(PLUGIN, "Address", partition="{address}", serves=("whose wallet an address is",))
WALLET: Final = Entity(PLUGIN, "Wallet", partition="{user}", sort="{address}", serves=("a user's wallets",))
SESSION: Final = Entity(
    PLUGIN,
    "Session",
    partition="{user}",
    sort="{id}",
    serves=("a session of a user by id", "a user's sessions, newest first"),
    expires=True,
)
API_KEY: Final = Entity(
    PLUGIN, "ApiKey", partition="{user}", sort="{id}", serves=("a user's API keys, newest first",)
)
API_KEY_SECRET: Final = Entity(
    PLUGIN, "ApiKeySecret", partition="{hash}", serves=("what whoever presents this secret may do",)
)
ACTIVE_DAY: Final = Entity(
    PLUGIN,
    "ActiveDay",
    partition="{principal}",
    sort="{day}",
    serves=("whether a principal's activity on a day is recorded",),
    expires=True,
)
WAITLIST: Final = Entity(PLUGIN, "Waitlist", partition="{list}", serves=("the last number given",))
WAITLIST_ENTRY: Final = Entity(
    PLUGIN,
    "WaitlistEntry",
    partition="{user}",
    indexes=(Index("by_position", "gsi1", partition="{waiting}", sort="{position:012d}"),),
    serves=("a user's place", "everybody who waits, in order"),
)
INVITATION: Final = Entity(
    PLUGIN,
    "Invitation",
    partition="{hash}",
    indexes=(Index("of_inviter", "gsi1", partition="{inviter}", sort="{id}"),),
    serves=("the invitation with this code, until it is used", "the invitations that somebody wrote"),
    expires=True,
)

ENTITIES: Final = (
    CHALLENGE,
    CHALLENGE_COUNT,
    USER,
    ADDRESS,
    WALLET,
    SESSION,
    API_KEY,
    API_KEY_SECRET,
    ACTIVE_DAY,
    WAITLIST,
    WAITLIST_ENTRY,
    INVITATION,
)
