"""Functions and tokens to ask the local chain about."""

from __future__ import annotations

from colonnade.evm import Address, Function, checksum

BALANCE_OF = Function.parse("function balanceOf(address owner) view returns (uint256)")
DECIMALS = Function.parse("function decimals() view returns (uint8)")
SYMBOL = Function.parse("function symbol() view returns (string)")
ALLOWANCE = Function.parse("function allowance(address owner, address spender) view returns (uint256)")
TOTAL_SUPPLY = Function.parse("function totalSupply() view returns (uint256)")

TOKENS = ("WETH", "USDC", "EURC", "cbBTC", "DAI", "cbETH")
LENS = checksum(b"\x1e" * 20)


def at(number: int) -> Address:
    """An address that nothing stands at, no precompile either."""
    return checksum(b"\xa0" + number.to_bytes(19, "big"))
