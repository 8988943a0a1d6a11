"""What a node means when it refuses a method, a range of blocks or a simulation: the words differ by maker.

Seen with geth, reth, erigon, anvil, Alchemy, Infura, QuickNode, Ankr and base.org.
"""

from __future__ import annotations

import re
from typing import Final

from colonnade.errors import ChainUnavailable
from infra.rpc.jsonrpc import RpcError


class NotTaken(ChainUnavailable):
    """No endpoint takes a signed transaction as it is: it offers too little, or its sender has too little."""


_NO_METHOD: Final = frozenset((-32601, -32004))  # not found, and EIP-1474's "method not supported"
_NO_METHOD_WORDS: Final = re.compile(
    r"method\b.*\b(not (found|supported|available|allowed|whitelisted|enabled)|does not exist|disabled)"
    r"|(unsupported|unknown) method|not implemented",
    re.IGNORECASE,
)

_RESOURCES: Final = (
    -32005
)  # EIP-1474's "limit exceeded", which for logs is about how much was asked, or how often
_HOW_OFTEN_WORDS: Final = re.compile(
    r"\brate\b|too many requests|request count|per (second|day)|quota|capacity", re.IGNORECASE
)
_TOO_WIDE_WORDS: Final = re.compile(
    r"\brange\b.*\b(exceed\w*|limit\w*|large|wide|big|max\w*|allowed)"
    r"|\b(exceed\w*|limited|max\w*|too (large|wide|big|many))\b.*\b(range|results?|logs|blocks)\b"
    r"|(returned|returns) (more than|too many)|(response|result)\w*( \w+)* (exceeded|too (big|large))"
    r"|response is too big|logs? matched.*exceed|query timeout",
    re.IGNORECASE,
)
_BEYOND_HEAD_WORDS: Final = re.compile(
    r"beyond (current )?head|after last accepted|greater than latest", re.IGNORECASE
)

_INSUFFICIENT_FUNDS: Final = -38014
_GAS_LIMIT: Final = frozenset((-38013, -38015))
_FUNDS_WORDS: Final = re.compile(r"insufficient (funds|balance)", re.IGNORECASE)
_GAS_WORDS: Final = re.compile(r"gas limit (reached|exceeded)|out of gas|intrinsic gas", re.IGNORECASE)

_SEEN_WORDS: Final = re.compile(
    r"already ?(known|imported|exists|in (the )?(mem)?pool)|known transaction|nonce (is )?too ?low|old ?nonce|replacement transaction"
    r"|replacement fee|underpriced replacement",
    re.IGNORECASE,
)


def has_been_seen(error: RpcError) -> bool:
    """Whether a node needs no signed transaction: it has it, or a better one of its nonce, or one was mined."""
    return _SEEN_WORDS.search(error.message) is not None


def knows_no_method(error: RpcError) -> bool:
    """Whether the node does not offer the method at all."""
    return error.code in _NO_METHOD or _NO_METHOD_WORDS.search(error.message) is not None


def is_beyond_head(error: RpcError) -> bool:
    """Whether the node does not have the blocks yet that it was asked about."""
    return _BEYOND_HEAD_WORDS.search(error.message) is not None


def is_too_wide(error: RpcError) -> bool:
    """Whether the node would answer for fewer blocks, or where there were fewer logs."""
    if _HOW_OFTEN_WORDS.search(error.message):
        return False
    return error.code == _RESOURCES or _TOO_WIDE_WORDS.search(error.message) is not None


def lacks_funds(error: RpcError) -> bool:
    """Whether a sender cannot pay for what it sends."""
    return error.code == _INSUFFICIENT_FUNDS or _FUNDS_WORDS.search(error.message) is not None


def is_out_of_gas(error: RpcError) -> bool:
    """Whether the calls together need more gas than a node spends on a simulation."""
    return error.code in _GAS_LIMIT or _GAS_WORDS.search(error.message) is not None
