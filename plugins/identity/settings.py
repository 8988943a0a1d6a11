"""What a deployment chooses about who may come in, and how they prove who they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from colonnade.evm import Address, parse_address
from colonnade.settings import secret, setting
from plugins.identity.siwe.grammar import is_domain
from plugins.identity.tokens.key_entries import KeyEntry, parse_entries


@dataclass(frozen=True, slots=True)
class IdentitySettings:
    """Raises ValueError for what cannot be meant; a key is never shown."""

    signing_keys: tuple[str, ...] = secret(
        "Ed25519 keys of access tokens, as in a1:private:<base64url of the 32 byte seed>,a0:public:<base64url>; "
        "the first signs, all verify."
    )
    domains: tuple[str, ...] = setting(
        (), "Authorities that may ask for a signature, as in app.example or localhost:*."
    )
    chains: tuple[int, ...] = setting((8453,), "Chains whose wallets may sign in.")
    issuer: str = setting("colonnade", "The `iss` of access tokens.")
    audience: str = setting("colonnade", "The `aud` of access tokens.")
    access: Literal["open", "closed"] = setting(
        "closed", "Whether whoever signs in has access, or only who was invited or approved."
    )
    admin_addresses: tuple[str, ...] = setting((), "Wallets whose users may approve others.")
    challenges_per_address: int = setting(
        30, "Messages to sign that are made for one address in ten minutes."
    )
    invitations_per_user: int = setting(5, "Invitations that a user may write; administrators are not bound.")

    def __post_init__(self) -> None:
        self.key_entries()
        self.admins()
        if not all(map(_is_domain, self.domains)):
            raise ValueError(
                "domains are authorities in lower case, as in app.example, app.example:8443 or localhost:*; "
                "no scheme, no path, and no wildcard but that of a port"
            )
        if not self.chains or not self.issuer or not self.audience:
            raise ValueError("chains, issuer and audience are not empty")
        if self.challenges_per_address < 1 or self.invitations_per_user < 0:
            raise ValueError("challenges_per_address is at least 1, invitations_per_user at least 0")

    def key_entries(self) -> tuple[KeyEntry, ...]:
        """The keys, read. Raises ValueError, which shows none of them."""
        return parse_entries(self.signing_keys)

    def admins(self) -> frozenset[Address]:
        """The wallets of administrators. Raises ValueError for what is no address."""
        return frozenset(parse_address(address) for address in self.admin_addresses)

    def allows_domain(self, domain: str) -> bool:
        """Whether pages of this authority may ask for a signature."""
        host, _, port = domain.rpartition(":")
        any_port = f"{host}:*" in self.domains and port.isdecimal()
        return domain in self.domains or any_port


def _is_domain(name: str) -> bool:
    named = f"{name[:-1]}1" if name.endswith(":*") else name
    return is_domain(named) and "*" not in named and named == named.lower()
