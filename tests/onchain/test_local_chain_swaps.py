"""A quote of the local chain's contracts is what a swap pays, to the atomic unit."""

import pytest

from colonnade.errors import CallReverted
from colonnade.evm import Address, encode_packed
from plugins.trading.local_contracts import POOLS
from plugins.trading.local_liquidity import SeededPool
from tests.fixtures.local_chain import OnChain

pytestmark = [pytest.mark.onchain, pytest.mark.usefixtures("chain_snapshot")]

APPROVE = "function approve(address spender, uint256 amount) returns (bool)"
BALANCE_OF = "function balanceOf(address owner) view returns (uint256)"
GET_POOL = "function getPool(address one, address other, uint24 fee) view returns (address)"
QUOTE_SINGLE = (
    "function quoteExactInputSingle((address tokenIn, address tokenOut, uint256 amountIn, uint24 fee, "
    "uint160 sqrtPriceLimitX96) params) returns (uint256, uint160, uint32, uint256)"
)
QUOTE_PATH = (
    "function quoteExactInput(bytes path, uint256 amountIn) returns (uint256, uint160[], uint32[], uint256)"
)
SWAP_SINGLE = (
    "function exactInputSingle((address tokenIn, address tokenOut, uint24 fee, address recipient, uint256 amountIn, "
    "uint256 amountOutMinimum, uint160 sqrtPriceLimitX96) params) payable returns (uint256)"
)
SWAP_PATH = (
    "function exactInput((bytes path, address recipient, uint256 amountIn, uint256 amountOutMinimum) params) "
    "payable returns (uint256)"
)


def balance(chain: OnChain, token: str, owner: Address) -> int:
    amount: int = chain.call(chain[token], BALANCE_OF, owner)[0]
    return amount


@pytest.mark.parametrize("amount", [1, 10**15, 10**18, 250 * 10**18])
def test_v2_swap_pays_what_the_router_quoted(local_chain: OnChain, amount: int) -> None:
    trader, router = local_chain.accounts[0], local_chain["UniswapV2Router02"]
    path = [local_chain["WETH"], local_chain["USDC"]]
    quoted = local_chain.call(
        router,
        "function getAmountsOut(uint256 amountIn, address[] path) view returns (uint256[])",
        amount,
        path,
    )[0][-1]
    before = balance(local_chain, "USDC", trader)
    swap = (
        "function swapExactTokensForTokens(uint256 amountIn, uint256 amountOutMin, address[] path, address to, "
        "uint256 deadline)"
    )
    if quoted == 0:
        with pytest.raises(CallReverted, match="INSUFFICIENT_OUTPUT_AMOUNT"):
            local_chain.send(trader, router, swap, amount, 0, path, trader, 2**40)
    else:
        local_chain.send(trader, router, swap, amount, 0, path, trader, 2**40)
    assert balance(local_chain, "USDC", trader) - before == quoted


@pytest.mark.parametrize("seeded", POOLS, ids=lambda seeded: f"{seeded.token0}-{seeded.token1}-{seeded.fee}")
@pytest.mark.parametrize("backwards", [False, True], ids=["sell", "buy"])
def test_v3_swap_pays_what_the_quoter_quoted(
    local_chain: OnChain, seeded: SeededPool, backwards: bool
) -> None:
    given, wanted = (seeded.token1, seeded.token0) if backwards else (seeded.token0, seeded.token1)
    trader, router = local_chain.accounts[0], local_chain["SwapRouter02"]
    token_in, token_out = local_chain[given], local_chain[wanted]
    local_chain.send(trader, token_in, APPROVE, router, 2**256 - 1)
    (pool,) = local_chain.call(local_chain["UniswapV3Factory"], GET_POOL, token_in, token_out, seeded.fee)
    amount = balance(local_chain, given, pool) // 10
    params = (token_in, token_out, amount, seeded.fee, 0)
    quoted, *_ = local_chain.call(local_chain["QuoterV2"], QUOTE_SINGLE, params)
    before = balance(local_chain, wanted, trader)
    local_chain.send(trader, router, SWAP_SINGLE, (token_in, token_out, seeded.fee, trader, amount, 0, 0))
    assert balance(local_chain, wanted, trader) - before == quoted > 0


def test_two_hop_swap_pays_what_the_quoter_quoted_and_crosses_ticks(local_chain: OnChain) -> None:
    trader, router = local_chain.accounts[0], local_chain["SwapRouter02"]
    path = encode_packed(
        ("address", "uint24", "address", "uint24", "address"),
        (local_chain["EURC"], 100, local_chain["USDC"], 500, local_chain["WETH"]),
    )
    local_chain.send(trader, local_chain["EURC"], APPROVE, router, 2**256 - 1)
    amount = 1_000_000 * 10**6
    quoted, _, crossed, _ = local_chain.call(local_chain["QuoterV2"], QUOTE_PATH, path, amount)
    before = balance(local_chain, "WETH", trader)
    local_chain.send(trader, router, SWAP_PATH, (path, trader, amount, 0))
    assert balance(local_chain, "WETH", trader) - before == quoted
    assert any(crossed)
