"""Transactions, receipts and logs as nodes spell them, believed only where they fit together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from colonnade.chains import ChainId, Log, Receipt, Transaction
from colonnade.evm import Address, checksum
from infra.rpc.wire import MalformedValue, binary, block_hash, quantity

_ADDRESS: Final = 20
_TOPICS: Final = 4
_SMALL: Final = 2**63
_UNSEALED: Final = bytes(32)
"""What nodes that show blocks before they are sealed (Base's Flashblocks) give for their hash."""


def transaction(value: object, wanted: bytes, chain_id: ChainId) -> Transaction:
    """The transaction with the hash `wanted`. Raises `MalformedValue`."""
    fields = record(value, "the transaction")
    _same(block_hash(fields.get("hash"), "the transaction's hash"), wanted, "the transaction's hash")
    said = fields.get("chainId")
    # Those from before EIP-155, and an L2's deposits, name no chain.
    if said is not None and quantity(said, "the transaction's chain id") != chain_id:
        raise MalformedValue("the transaction is of another chain")
    within = _sealed(fields, "the transaction")
    number = quantity(fields.get("blockNumber"), "the transaction's block number", _SMALL) if within else None
    return Transaction(
        hash=wanted,
        sender=address(fields.get("from"), "the transaction's sender"),
        to=_recipient(fields, "the transaction"),
        nonce=quantity(fields.get("nonce"), "the nonce", 2**64),
        value=quantity(fields.get("value"), "the value"),
        data=binary(fields.get("input"), "the calldata"),
        chain_id=chain_id,
        block_number=number,
        block_hash=within,
    )


def receipt(value: object, wanted: bytes | None = None) -> Receipt | None:
    """The receipt of the transaction `wanted`, of any if None; None until its block is sealed. Raises
    `MalformedValue`.
    """
    fields = record(value, "the receipt")
    hash_ = block_hash(fields.get("transactionHash"), "the receipt's transaction")
    if wanted is not None:
        _same(hash_, wanted, "the receipt's transaction")
    within = _sealed(fields, "the receipt")
    if within is None:
        return None
    number = quantity(fields.get("blockNumber"), "the receipt's block number", _SMALL)
    index = quantity(fields.get("transactionIndex"), "the transaction's index", _SMALL)
    logs = tuple(log(one) for one in sequence(fields.get("logs"), "the receipt's logs"))
    if any(
        (one.transaction_hash, one.block_hash, one.block_number) != (hash_, within, number) for one in logs
    ):
        raise MalformedValue("the receipt holds logs of another transaction")
    if any(later.index <= earlier.index for earlier, later in pairwise(logs)):
        raise MalformedValue("the receipt's logs are out of order")
    return Receipt(
        transaction_hash=hash_,
        block_number=number,
        block_hash=within,
        transaction_index=index,
        sender=address(fields.get("from"), "the receipt's sender"),
        to=_recipient(fields, "the receipt"),
        succeeded=quantity(fields.get("status"), "the receipt's status", 2) == 1,
        gas_used=quantity(fields.get("gasUsed"), "the gas used", _SMALL),
        gas_price=quantity(fields.get("effectiveGasPrice"), "the gas price"),
        logs=logs,
    )


def log(value: object) -> Log:
    """A log of a sealed block. Raises `MalformedValue`."""
    fields = record(value, "a log")
    if fields.get("removed") not in (None, False):
        raise MalformedValue("a log is of a block that was taken back")
    topics = sequence(fields.get("topics"), "a log's topics")
    if len(topics) > _TOPICS:
        raise MalformedValue("a log has more than four topics")
    return Log(
        address=address(fields.get("address"), "a log's address"),
        topics=tuple(block_hash(topic, "a log's topic") for topic in topics),
        data=binary(fields.get("data"), "a log's data"),
        index=quantity(fields.get("logIndex"), "a log's index", _SMALL),
        block_number=quantity(fields.get("blockNumber"), "a log's block number", _SMALL),
        block_hash=block_hash(fields.get("blockHash"), "a log's block hash"),
        transaction_hash=block_hash(fields.get("transactionHash"), "a log's transaction"),
    )


def address(value: object, what: str) -> Address:
    """An address, with its checksum. Raises `MalformedValue`."""
    data = binary(value, what)
    if len(data) != _ADDRESS:
        raise MalformedValue(f"{what} is not 20 bytes")
    return checksum(data)


def record(value: object, what: str) -> Mapping[str, Any]:
    """A JSON object. Raises `MalformedValue`."""
    if not isinstance(value, dict):
        raise MalformedValue(f"{what} is not an object")
    return value


def sequence(value: object, what: str) -> Sequence[Any]:
    """A JSON list. Raises `MalformedValue`."""
    if not isinstance(value, list):
        raise MalformedValue(f"{what} are not a list")
    return value


def _recipient(fields: Mapping[str, Any], what: str) -> Address | None:
    to = fields.get("to")
    return None if to is None else address(to, f"{what}'s recipient")


def _sealed(fields: Mapping[str, Any], what: str) -> bytes | None:
    within = fields.get("blockHash")
    if within is None:
        return None
    digest = block_hash(within, f"{what}'s block hash")
    return None if digest == _UNSEALED else digest


def _same(found: bytes, wanted: bytes, what: str) -> None:
    if found != wanted:
        raise MalformedValue(f"{what} is not the one that was asked for")
