"""Where pools stand: CREATE2 makes the address of a pool a function of what it trades, so finding one costs nothing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from colonnade.evm import Address, address_bytes, create2_address, encode, encode_packed, keccak


@dataclass(frozen=True, slots=True)
class PairFactory:
    """A Uniswap v2 factory. `init_code_hash`: of its pairs, which `UniswapV2Library.pairFor` holds."""

    address: Address
    init_code_hash: bytes


@dataclass(frozen=True, slots=True)
class PoolFactory:
    """A Uniswap v3 factory. `init_code_hash`: `PoolAddress.POOL_INIT_CODE_HASH` (v3-periphery).

    `fee_tiers`: the fees that pools may have, in hundredths of a basis point; governance adds more.
    """

    address: Address
    init_code_hash: bytes
    fee_tiers: tuple[int, ...]


def sort_tokens(one: Address, other: Address) -> tuple[Address, Address]:
    """The two in the order in which a pool calls them token0 and token1."""
    return (one, other) if address_bytes(one) < address_bytes(other) else (other, one)


@lru_cache(maxsize=4096)
def pair_address(factory: PairFactory, token0: Address, token1: Address) -> Address:
    """The pair of two sorted tokens, whether it exists or not."""
    salt = keccak(encode_packed(("address", "address"), (token0, token1)))
    return create2_address(factory.address, salt, factory.init_code_hash)


@lru_cache(maxsize=16384)
def pool_address(factory: PoolFactory, token0: Address, token1: Address, fee_pips: int) -> Address:
    """The pool of two sorted tokens at a fee, whether it exists or not."""
    salt = keccak(encode(("address", "address", "uint24"), (token0, token1, fee_pips)))
    return create2_address(factory.address, salt, factory.init_code_hash)
