"""Reading a message: exactly the grammar, in its order, to the last byte."""

from __future__ import annotations

from colonnade.evm import Address
from plugins.identity.siwe import grammar
from plugins.identity.siwe.message import INVITATION, MAX_LENGTH, MalformedMessage, SiweMessage


class _Lines:
    """The lines of a text, taken one after the other."""

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self._next = 0

    def take(self, prefix: str, part: str) -> str:
        """What follows `prefix` on the next line, which must begin with it."""
        taken = self.accept(prefix)
        if taken is None:
            raise MalformedMessage(f"{part} is missing or out of place")
        return taken

    def accept(self, prefix: str) -> str | None:
        """What follows `prefix` on the next line if it begins with it."""
        if self._next == len(self._lines) or not self._lines[self._next].startswith(prefix):
            return None
        self._next += 1
        return self._lines[self._next - 1][len(prefix) :]

    def blank(self) -> None:
        if self.take("", "the empty line") != "":
            raise MalformedMessage("an empty line is missing or out of place")

    @property
    def ended(self) -> bool:
        return self._next == len(self._lines)


def parse_message(text: str) -> SiweMessage:
    """What `text` says; `format_message` makes the same text of it again. Raises `MalformedMessage`."""
    if len(text) > MAX_LENGTH:
        raise MalformedMessage(f"a message has at most {MAX_LENGTH} characters")
    lines = _Lines(text)
    scheme, domain = _origin(lines.take("", "the first line"))
    address = lines.take("", "the address")
    lines.blank()
    statement = lines.take("", "the statement") or None
    if statement is not None:
        lines.blank()
    uri = lines.take("URI: ", "URI")
    if lines.take("Version: ", "Version") != "1":
        raise MalformedMessage("Version is 1")
    chain_id = lines.take("Chain ID: ", "Chain ID")
    if not grammar.is_chain_id(chain_id):
        raise MalformedMessage("Chain ID is a positive number without leading zeros")
    message = SiweMessage(
        scheme=scheme,
        domain=domain,
        address=Address(address),
        statement=statement,
        uri=uri,
        chain_id=int(chain_id),
        nonce=lines.take("Nonce: ", "Nonce"),
        issued_at=lines.take("Issued At: ", "Issued At"),
        expiration_time=lines.accept("Expiration Time: "),
        not_before=lines.accept("Not Before: "),
        request_id=lines.accept("Request ID: "),
        resources=_resources(lines),
    )
    if not lines.ended:
        raise MalformedMessage("something follows that is not part of a message, or is out of place")
    return message


def _origin(line: str) -> tuple[str | None, str]:
    if not line.endswith(INVITATION):
        raise MalformedMessage(f"the first line ends in{INVITATION!r}")
    scheme, mark, domain = line.removesuffix(INVITATION).rpartition("://")
    return (scheme, domain) if mark else (None, domain)


def _resources(lines: _Lines) -> tuple[str, ...] | None:
    heading = lines.accept("Resources:")
    if heading is None:
        return None
    if heading:
        raise MalformedMessage("each resource has a line of its own")
    resources: list[str] = []
    while (resource := lines.accept("- ")) is not None:
        resources.append(resource)
    return tuple(resources)
