"""What a message says, and how it is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from colonnade.evm import Address, InvalidAddress, checksum
from plugins.identity.siwe import grammar

MAX_LENGTH: Final = 4_096
"""Characters of a message."""

INVITATION: Final = " wants you to sign in with your Ethereum account:"


class MalformedMessage(ValueError):
    """Not a message of EIP-4361; says which part is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiweMessage:
    """A message. Times are RFC 3339 texts as they were written, since a signature covers the text.

    `resources`: None without the heading, which may also stand over nothing. Raises `MalformedMessage` for what no
    message can say.
    """

    domain: str
    address: Address
    uri: str
    chain_id: int
    nonce: str
    issued_at: str
    scheme: str | None = None
    statement: str | None = None
    expiration_time: str | None = None
    not_before: str | None = None
    request_id: str | None = None
    resources: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        for part, is_right in (
            ("scheme", self.scheme is None or grammar.is_scheme(self.scheme)),
            ("domain", grammar.is_domain(self.domain)),
            ("address", _is_checksummed(self.address)),
            ("statement", self.statement is None or grammar.is_statement(self.statement)),
            ("URI", grammar.is_uri(self.uri)),
            ("Chain ID", grammar.is_chain_id(str(self.chain_id))),
            ("Nonce", grammar.is_nonce(self.nonce)),
            ("Issued At", grammar.moment(self.issued_at) is not None),
            ("Expiration Time", _is_time(self.expiration_time)),
            ("Not Before", _is_time(self.not_before)),
            ("Request ID", self.request_id is None or grammar.is_request_id(self.request_id)),
            ("Resources", all(map(grammar.is_uri, self.resources or ()))),
        ):
            if not is_right:
                raise MalformedMessage(f"{part} is not in the form that EIP-4361 gives it")

    @property
    def issued(self) -> datetime:
        """When it was issued, UTC."""
        issued = grammar.moment(self.issued_at)
        assert issued is not None
        return issued

    @property
    def expires(self) -> datetime | None:
        """When it expires, UTC."""
        return grammar.moment(self.expiration_time) if self.expiration_time is not None else None

    @property
    def valid_from(self) -> datetime | None:
        """When it begins to hold, UTC."""
        return grammar.moment(self.not_before) if self.not_before is not None else None


def format_message(message: SiweMessage) -> str:
    """The text that is signed."""
    origin = f"{message.scheme}://{message.domain}" if message.scheme is not None else message.domain
    lines = [f"{origin}{INVITATION}", message.address, ""]
    if message.statement is not None:
        lines.append(message.statement)
    lines += [
        "",
        f"URI: {message.uri}",
        "Version: 1",
        f"Chain ID: {message.chain_id}",
        f"Nonce: {message.nonce}",
        f"Issued At: {message.issued_at}",
    ]
    for name, value in (
        ("Expiration Time", message.expiration_time),
        ("Not Before", message.not_before),
        ("Request ID", message.request_id),
    ):
        if value is not None:
            lines.append(f"{name}: {value}")
    if message.resources is not None:
        lines += ["Resources:", *(f"- {resource}" for resource in message.resources)]
    return "\n".join(lines)


def _is_checksummed(address: str) -> bool:
    try:
        return checksum(bytes.fromhex(address[2:])) == address
    except (ValueError, InvalidAddress):
        return False


def _is_time(text: str | None) -> bool:
    return text is None or grammar.moment(text) is not None
