"""What trading needs of the local chain: Uniswap v2, v3 and Permit2 where they stand on Base, and pools to trade in.

Every pool has the address it has on Base. Prices are of the first token in the second, and differ a little
between pools of one pair, so that routes differ; v3 liquidity lies in overlapping ranges, so that larger swaps
cross ticks. The number behind `v3` is the fee in hundredths of a basis point.

| protocol | pair         | price    | holds                 | address                                    |
|----------|--------------|----------|-----------------------|--------------------------------------------|
| v2       | WETH / USDC  | 2500     | 1,000 + 2,500,000     | 0x88A43bbDF9D098eEC7bCEda4e2494615dfD9bB9C |
| v2       | WETH / cbBTC | 0.025    | 400 + 10              | 0x4fE4a5F570B046e3704Acd72fef6c508a310D3aA |
| v2       | WETH / DAI   | 2495     | 200 + 499,000         | 0xb2839134B8151964f19f6f3c7D59C70ae52852F5 |
| v2       | EURC / USDC  | 1.084    | 200,000 + 216,800     | 0x412a35141dD2FbdA680969baeAAE6da40234ae92 |
| v3 100   | WETH / USDC  | 2499.3   | 197 + 499,860         | 0xb4CB800910B228ED3d0834cF79D697127BBB00e5 |
| v3 500   | WETH / USDC  | 2498.7   | 1,243 + 3,160,856     | 0xd0b53D9277642d899DF5C87A3966A349A798F224 |
| v3 3000  | WETH / USDC  | 2503.1   | 658 + 1,777,201       | 0x6c561B446416E1A00E8E93E221854d6eA4171372 |
| v3 500   | WETH / cbBTC | 0.02503  | 209 + 5               | 0x7AeA2E8A3843516afa07293a10Ac8E49906dabD1 |
| v3 3000  | WETH / cbBTC | 0.02495  | 236 + 6               | 0x8c7080564B5A792A33Ef2FD473fbA6364d5495e5 |
| v3 500   | USDC / cbBTC | 1/100120 | 928,269 + 9           | 0xfBB6Eed8e7aa03B138556eeDaF5D271A5E1e43ef |
| v3 100   | EURC / USDC  | 1.0852   | 1,998,566 + 2,278,920 | 0x6A1C74e023fe2619516f89408E9D8C541e4e3Eef |
| v3 100   | DAI / USDC   | 0.9998   | 2,032,271 + 2,799,440 | 0xC18F50d6A832f12F6DcAaeEe8D0c87A65B96787E |
| v3 500   | cbETH / WETH | 1.0921   | 392 + 437             | 0x10648BA41B8565907Cfa1496765fA4D95390aa0d |

Nothing else is seeded. So these pairs have routes of two hops only: EURC/WETH, EURC/cbBTC, EURC/DAI, DAI/cbBTC,
cbETH/USDC, cbETH/DAI, cbETH/cbBTC; and cbETH/EURC has none of fewer than three.

UniversalRouter is 2.1.0, the build that npm has, where Base has 2.0; the commands for v2, v3, Permit2 and WETH are
the same. It knows of Uniswap v4, which does not stand here.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from colonnade.chains import BASE
from colonnade.evm import ZERO_ADDRESS, Address
from colonnade.local_contracts import Account, LocalContract, Ref, Transaction
from plugins.trading.local_liquidity import (
    ALL_TICKS,
    TICK_SPACING,
    Range,
    SeededPair,
    SeededPool,
    pair_seeds,
    pool_seeds,
)
from plugins.trading.networks import NETWORKS

PAIRS: Final = (
    SeededPair("WETH", "USDC", 1_000, 2_500_000),
    SeededPair("WETH", "cbBTC", 400, 10),
    SeededPair("WETH", "DAI", 200, 499_000),
    SeededPair("EURC", "USDC", 200_000, 216_800),
)

POOLS: Final = (
    SeededPool(
        "WETH",
        "USDC",
        100,
        Fraction("2499.30"),
        (Range(-50, 50, 120), Range(-700, 700, 60), Range(-9_000, 9_000, 20)),
    ),
    SeededPool(
        "WETH",
        "USDC",
        500,
        Fraction("2498.70"),
        (
            Range(-150, 150, 500),
            Range(-1_200, 1_200, 400),
            Range(-7_000, 7_000, 200),
            Range(-ALL_TICKS, ALL_TICKS, 50),
            Range(20, 60, 40),
            Range(80, 400, 90),
            Range(-50, -20, 35),
            Range(-420, -70, 80),
        ),
    ),
    SeededPool(
        "WETH",
        "USDC",
        3000,
        Fraction("2503.10"),
        (
            Range(-600, 600, 300),
            Range(-6_000, 6_000, 250),
            Range(-ALL_TICKS, ALL_TICKS, 100),
            Range(180, 1_500, 60),
            Range(-1_500, -180, 60),
        ),
    ),
    SeededPool(
        "WETH",
        "cbBTC",
        500,
        Fraction("0.02503"),
        (Range(-300, 300, 120), Range(-2_000, 2_000, 80), Range(40, 120, 10), Range(-120, -40, 10)),
    ),
    SeededPool(
        "WETH",
        "cbBTC",
        3000,
        Fraction("0.02495"),
        (Range(-900, 900, 200), Range(-ALL_TICKS, ALL_TICKS, 60)),
    ),
    SeededPool(
        "USDC",
        "cbBTC",
        500,
        Fraction(1, 100_120),
        (Range(-400, 400, 600_000), Range(-3_000, 3_000, 300_000), Range(60, 200, 50_000)),
    ),
    SeededPool(
        "EURC",
        "USDC",
        100,
        Fraction("1.0852"),
        (Range(-20, 20, 1_500_000), Range(-300, 300, 500_000), Range(-4_000, 4_000, 100_000)),
    ),
    SeededPool(
        "DAI",
        "USDC",
        100,
        Fraction("0.9998"),
        (Range(-3, 3, 2_000_000), Range(-40, 40, 800_000), Range(5, 9, 250_000)),
    ),
    SeededPool("cbETH", "WETH", 500, Fraction("1.0921"), (Range(-80, 80, 300), Range(-900, 900, 100))),
)


CONTRACTS: Final[Sequence[LocalContract]] = (
    LocalContract(
        name="UniswapV2Factory",
        artifact="@uniswap/v2-core/build/UniswapV2Factory.json",
        address=Address("0x8909Dc15e40173Ff4699343b6eB8132c65e18eC6"),
        arguments=(Account(0),),
    ),
    LocalContract(
        name="UniswapV2Router02",
        artifact="@uniswap/v2-periphery/build/UniswapV2Router02.json",
        address=Address("0x4752ba5DBc23f44D87826276BF6Fd6b1C372aD24"),
        arguments=(Ref("UniswapV2Factory"), Ref("WETH")),
        seeds=tuple(pair_seeds("UniswapV2Router02", PAIRS)),
    ),
    LocalContract(
        name="UniswapV3Factory",
        artifact="@uniswap/v3-core/artifacts/contracts/UniswapV3Factory.sol/UniswapV3Factory.json",
        address=Address("0x33128a8fC17869897dcE68Ed026d694621f6FDfD"),
        seeds=tuple(
            Transaction(
                Ref("UniswapV3Factory"),
                "function enableFeeAmount(uint24 fee, int24 tickSpacing)",
                (fee, TICK_SPACING[fee]),
            )
            for fee in (100, 200, 300, 400)  # governance's; the others come with the constructor
        ),
    ),
    LocalContract(
        name="NonfungiblePositionManager",
        artifact="@uniswap/v3-periphery/artifacts/contracts/NonfungiblePositionManager.sol/NonfungiblePositionManager.json",
        address=Address("0x03a520b32C04BF3bEEf7BEb72E919cf822Ed34f1"),
        # Its third argument draws the picture of a position; nobody looks at one here.
        arguments=(Ref("UniswapV3Factory"), Ref("WETH"), ZERO_ADDRESS),
        seeds=tuple(pool_seeds("NonfungiblePositionManager", POOLS)),
    ),
    LocalContract(
        name="SwapRouter02",
        artifact="@uniswap/swap-router-contracts/artifacts/contracts/SwapRouter02.sol/SwapRouter02.json",
        address=Address("0x2626664c2603336E57B271c5C0b26F421741e481"),
        arguments=(
            Ref("UniswapV2Factory"),
            Ref("UniswapV3Factory"),
            Ref("NonfungiblePositionManager"),
            Ref("WETH"),
        ),
    ),
    LocalContract(
        name="QuoterV2",
        artifact="@uniswap/swap-router-contracts/artifacts/contracts/lens/QuoterV2.sol/QuoterV2.json",
        address=Address("0x3d4e44Eb1374240CE5F1B871ab261CD16335B76a"),
        arguments=(Ref("UniswapV3Factory"), Ref("WETH")),
    ),
    LocalContract(
        name="Permit2",
        artifact="@uniswap/v4-periphery/lib/permit2/test/utils/DeployPermit2.sol#bytecode",
        address=Address("0x000000000022D473030F116dDEE9F6B43aC78BA3"),
    ),
    LocalContract(
        name="UniversalRouter",
        artifact="@uniswap/universal-router/artifacts/contracts/UniversalRouter.sol/UniversalRouter.json",
        address=Address("0x6fF5693b99212Da76ad316178A184AB56D299b43"),
        arguments=(
            (
                Ref("Permit2"),
                Ref("WETH"),
                Ref("UniswapV2Factory"),
                Ref("UniswapV3Factory"),
                NETWORKS[BASE].pairs.init_code_hash,
                NETWORKS[BASE].pools.init_code_hash,
                Address("0x498581fF718922c3f8e6A244956aF099B2652b2b"),  # v4's PoolManager
                Ref("NonfungiblePositionManager"),
                Address("0x7C5f5A4bBd8fD63184577525326123B519429bDc"),  # v4's PositionManager
                ZERO_ADDRESS,  # Across, for bridging: nobody does here
            ),
        ),
    ),
)
