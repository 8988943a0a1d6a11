"""Sign-In with Ethereum (https://eips.ethereum.org/EIPS/eip-4361): messages, read and written to the byte."""

from plugins.identity.siwe.message import MAX_LENGTH, MalformedMessage, SiweMessage, format_message
from plugins.identity.siwe.parsing import parse_message

__all__ = ["MAX_LENGTH", "MalformedMessage", "SiweMessage", "format_message", "parse_message"]
