"""The plugin composed on its own: in memory, with one token and somebody who may applaud it."""

from __future__ import annotations

import pytest

import colonnade_applause
from colonnade.chains import BASE
from colonnade.evm import parse_address
from colonnade.permissions import Principal
from colonnade.testing import Harness, KnownTokens, ScriptedChain, ScriptedChains
from colonnade.tokens import Token, TokenMetadata, Tokens
from colonnade_applause.settings import ApplauseSettings

USDC = TokenMetadata(BASE, parse_address("0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"), "USDC", "USD Coin", 6)
WETH = TokenMetadata(
    BASE, parse_address("0x4200000000000000000000000000000000000006"), "WETH", "Wrapped Ether", 18
)
ADA = Principal("ada", frozenset({"APPLAUD"}))


@pytest.fixture
def harness(colonnade: type[Harness]) -> Harness:
    return colonnade(
        colonnade_applause,
        stand_ins=[Token.of(USDC)],
        services={Tokens: KnownTokens(USDC, WETH)},
        settings=[ApplauseSettings(per_day=3)],
        chains=ScriptedChains(ScriptedChain()),
        principal=ADA,
    )
