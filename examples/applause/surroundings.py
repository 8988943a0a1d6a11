"""What `colonnade dev` tries the plugin out in: two tokens of Base, and no chain behind them."""

from __future__ import annotations

from colonnade.chains import BASE
from colonnade.evm import parse_address
from colonnade.testing import KnownTokens, ScriptedChain, ScriptedChains, Surroundings
from colonnade.tokens import Token, TokenMetadata, Tokens

USDC = TokenMetadata(BASE, parse_address("0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"), "USDC", "USD Coin", 6)
WETH = TokenMetadata(
    BASE, parse_address("0x4200000000000000000000000000000000000006"), "WETH", "Wrapped Ether", 18
)


def surroundings() -> Surroundings:
    """Tokens that are known, as the plugin that reads them from the chain would know them."""
    return Surroundings(
        stand_ins=[Token.of(USDC), Token.of(WETH)],
        services={Tokens: KnownTokens(USDC, WETH)},
        chains=ScriptedChains(ScriptedChain()),
    )
