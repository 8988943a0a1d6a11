"""Ids of what has its identity on a chain: a prefix, the chain and the address, which name it for ever."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from colonnade.chains import ChainId
from colonnade.evm import Address, InvalidAddress, parse_address


def on_chain_id(prefix: str, chain_id: ChainId, address: Address) -> str:
    """The id of what stands at an address."""
    return f"{prefix}_{chain_id}_{address}"


def parse_on_chain_id(node_id: str) -> tuple[ChainId, Address] | None:
    """The chain and address in an id, or None for any text that `on_chain_id` does not make."""
    match node_id.split("_"):
        case [prefix, chain, text]:
            pass
        case _:
            return None
    try:
        chain_id, address = ChainId(int(chain)), parse_address(text)
    except (ValueError, InvalidAddress):
        return None
    return (chain_id, address) if on_chain_id(prefix, chain_id, address) == node_id else None


def by_chain(node_ids: Iterable[str]) -> Mapping[ChainId, Mapping[str, Address]]:
    """The addresses in those ids that are well formed, by chain and id."""
    found: dict[ChainId, dict[str, Address]] = {}
    for node_id in node_ids:
        parsed = parse_on_chain_id(node_id)
        if parsed is not None:
            found.setdefault(parsed[0], {})[node_id] = parsed[1]
    return found
