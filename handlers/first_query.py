"""A query to begin with, wherever one is offered."""

from __future__ import annotations

from typing import Final

FIRST_QUERY: Final = """\
{
  swapPrice(input: {
    tokenIn: "0x4200000000000000000000000000000000000006"
    tokenOut: "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"
    amount: "1000000000000000000"
  }) {
    ... on SwapPrice { amountOut { amount token { symbol } } priceImpactBps block { number } }
    ... on UserError { code message }
  }
}"""
"""What one WETH would bring in USDC."""
