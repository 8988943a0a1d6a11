"""`KnownTokens` answers as a provider of `Tokens` does."""

from __future__ import annotations

from colonnade.chains import BASE, ChainId
from colonnade.evm import parse_address
from colonnade.testing import KnownTokens, ScriptedChain
from colonnade.tokens import TokenMetadata, Tokens

USDC = TokenMetadata(BASE, parse_address("0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"), "USDC", "USD Coin", 6)
ADA = parse_address("0x" + "0a" * 20)
NOWHERE = parse_address("0x" + "0b" * 20)


async def test_only_known_tokens_of_the_chain_are_found() -> None:
    tokens: Tokens = KnownTokens(USDC)
    base, other = ScriptedChain().reader(), ScriptedChain(ChainId(10)).reader()

    assert await tokens.metadata(base, [NOWHERE, USDC.address]) == {USDC.address: USDC}
    assert await tokens.metadata(other, [USDC.address]) == {}


async def test_balances_are_those_given_and_zero_otherwise() -> None:
    tokens: Tokens = KnownTokens(USDC, balances={(ADA, USDC.address): 5})
    base = ScriptedChain().reader()

    assert await tokens.balances(base, ADA, [USDC.address, NOWHERE]) == {USDC.address: 5}
    assert await tokens.balances(base, NOWHERE, [USDC.address]) == {USDC.address: 0}
