"""Swaps as they are kept, and the events that tell of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from colonnade.chains import BlockRef, ChainId
from colonnade.entities import Entity
from colonnade.events import Event, event
from colonnade.evm import Address, InvalidAddress, parse_address
from colonnade.store import Item, Key, Query
from plugins.trading.indexing.trades import Trade, TradeLeg
from plugins.trading.networks import NETWORKS

SWAP: Final = Entity(
    "trading",
    "Swap",
    partition="{chain_id}#{account}",
    sort="{block_number:012d}#{log_index:08d}",
    serves=("an account's swaps on a chain, newest first", "a swap by its id"),
)


@event("trading.swap-indexed", key=("chain_id", "account"))
class SwapIndexed(Event):
    """A swap of an account is in a block, or is no longer (`retracted`), since the chain took that block back."""

    chain_id: int
    account: str
    swap_id: str
    transaction_hash: str
    retracted: bool = False


def swap_row(
    block: BlockRef,
    transaction_hash: bytes,
    account: Address,
    trade: Trade,
    token_in: Address,
    token_out: Address,
) -> Item:
    """The row of a trade. `token_in`, `token_out`: what was paid and got, perhaps the chain's own coin."""
    return SWAP.item(
        {
            "chain_id": int(block.chain_id),
            "account": account,
            "block_number": block.number,
            "log_index": trade.last.log_index,
            "block_hash": "0x" + block.hash.hex(),
            "block_time": int(block.timestamp.timestamp()),
            "transaction_hash": "0x" + transaction_hash.hex(),
            "token_in": token_in,
            "token_out": token_out,
            "amount_in": str(trade.first.amount_in),
            "amount_out": str(trade.last.amount_out),
            "legs": [_leg(leg) for leg in trade.legs],
        }
    )


def swap_id(row: Mapping[str, Any]) -> str:
    """The node id of a swap: its chain, account, block and log."""
    return f"swap_{row['chain_id']}_{row['account']}_{row['block_number']}_{row['log_index']}"


def swap_key(node_id: str) -> Key | None:
    """Where the swap of this id stands, or None for any text that `swap_id` does not make."""
    match node_id.split("_"):
        case ["swap", chain, account, block, log]:
            pass
        case _:
            return None
    numbers = (chain, block, log)
    if any(not number.isascii() or not number.isdigit() or len(number) > 12 for number in numbers):
        return None
    try:
        holder = parse_address(account)
    except InvalidAddress:
        return None
    row: dict[str, str | int] = {
        "chain_id": int(chain),
        "account": holder,
        "block_number": int(block),
        "log_index": int(log),
    }
    return SWAP.key(**row) if swap_id(row) == node_id else None


def swaps_of(account: str) -> Sequence[Query]:
    """Where the swaps of an account stand, on each network."""
    return [SWAP.query(chain_id=int(chain), account=account) for chain in NETWORKS]


def announced(item: Item) -> Sequence[Event]:
    """What a row that is there says."""
    return [_event(item, retracted=False)]


def retracted(item: Item) -> Sequence[Event]:
    """What a row that is gone says."""
    return [_event(item, retracted=True)]


def chain_of(row: Mapping[str, Any]) -> ChainId:
    """The chain a row is of."""
    return ChainId(row["chain_id"])


def _event(item: Item, *, retracted: bool) -> SwapIndexed:
    row: Mapping[str, Any] = item.attributes
    return SwapIndexed(
        chain_id=row["chain_id"],
        account=row["account"],
        swap_id=swap_id(row),
        transaction_hash=row["transaction_hash"],
        retracted=retracted,
    )


def _leg(leg: TradeLeg) -> dict[str, str]:
    return {
        "pool": leg.pool.address,
        "protocol": leg.pool.protocol.value,
        "token_in": leg.token_in,
        "token_out": leg.token_out,
        "amount_in": str(leg.amount_in),
        "amount_out": str(leg.amount_out),
    }
