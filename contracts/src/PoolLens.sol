// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.26;

/// @title The state of many pools, for exact local arithmetic, in one call.
/// @notice Never deployed: a node runs this code for one `eth_call`, as a state override at any address.
/// @dev An address that is no pool gives an empty entry and spoils no other. Foreign code runs with bounded gas.
contract PoolLens {
    /// A constant-product pair. `exists`: the address answers as one.
    struct Pair {
        bool exists;
        address token0;
        address token1;
        uint112 reserve0;
        uint112 reserve1;
    }

    /// A concentrated-liquidity pool; its price is 0 until it is initialised.
    /// `ticks`: every initialised tick within the words `firstWord` to `lastWord` of its bitmap, ascending; each
    /// holds the tick above its lower 128 bits and the net liquidity in them, both signed. No word was read where
    /// `lastWord` is less than `firstWord`.
    struct Pool {
        bool exists;
        address token0;
        address token1;
        uint24 fee;
        int24 tickSpacing;
        uint160 sqrtPriceX96;
        int24 tick;
        uint128 liquidity;
        int16 firstWord;
        int16 lastWord;
        int256[] ticks;
    }

    int256 private constant MAX_TICK = 887272;
    int256 private constant MAX_TICK_SPACING = 16383;
    /// Every word of the finest spacing.
    uint256 private constant MAX_WORDS = 6933;

    /// What one foreign read may burn; for a word of a bitmap and a tick also what is set aside for it.
    uint256 private constant STATE_GAS = 100_000;
    uint256 private constant WORD_GAS = 8_000;
    uint256 private constant TICK_GAS = 20_000;

    bytes4 private constant TOKEN0 = bytes4(keccak256("token0()"));
    bytes4 private constant TOKEN1 = bytes4(keccak256("token1()"));
    bytes4 private constant GET_RESERVES = bytes4(keccak256("getReserves()"));
    bytes4 private constant SLOT0 = bytes4(keccak256("slot0()"));
    bytes4 private constant LIQUIDITY = bytes4(keccak256("liquidity()"));
    bytes4 private constant FEE = bytes4(keccak256("fee()"));
    bytes4 private constant TICK_SPACING = bytes4(keccak256("tickSpacing()"));
    bytes4 private constant TICK_BITMAP = bytes4(keccak256("tickBitmap(int16)"));
    bytes4 private constant TICKS = bytes4(keccak256("ticks(int24)"));

    /// @notice The state of every pair and pool, in order.
    /// @param words How many words of each pool's tick bitmap to read, evenly on both sides of its price until the
    /// range of prices ends on one. Fewer are read where the gas left would not do for the pools that follow.
    function read(address[] calldata pairs, address[] calldata pools, uint256 words)
        external
        view
        returns (Pair[] memory pairStates, Pool[] memory poolStates)
    {
        pairStates = new Pair[](pairs.length);
        for (uint256 i; i < pairs.length; ++i) {
            _readPair(pairs[i], pairStates[i]);
        }
        if (words > MAX_WORDS) words = MAX_WORDS;
        uint256[] memory bitmap = new uint256[](2 * words + 1);
        poolStates = new Pool[](pools.length);
        for (uint256 i; i < pools.length; ++i) {
            // An equal share of what is left, less an eighth for handing back the answer.
            uint256 left = gasleft();
            uint256 gasFloor = left - (left - left / 8) / (pools.length - i);
            if (_readPool(pools[i], poolStates[i])) {
                uint256 count = _readBitmap(pools[i], poolStates[i], words, bitmap, gasFloor);
                _readTicks(pools[i], poolStates[i], bitmap, count);
            }
        }
    }

    function _readPair(address at, Pair memory pair) private view {
        (bool ok0, uint256 token0,) = _call(at, TOKEN0, 0, 1, STATE_GAS);
        (bool ok1, uint256 token1,) = _call(at, TOKEN1, 0, 1, STATE_GAS);
        (bool ok2, uint256 reserve0, uint256 reserve1) = _call(at, GET_RESERVES, 0, 2, STATE_GAS);
        if (!(ok0 && ok1 && ok2)) return;
        pair.exists = true;
        pair.token0 = address(uint160(token0));
        pair.token1 = address(uint160(token1));
        pair.reserve0 = uint112(reserve0);
        pair.reserve1 = uint112(reserve1);
    }

    /// Everything but the ticks; false if there are none to read.
    function _readPool(address at, Pool memory pool) private view returns (bool) {
        pool.lastWord = -1;
        // The first two words of slot0, and of ticks, are alike in every fork of the protocol; later ones are not.
        (bool okPrice, uint256 sqrtPrice, uint256 tick) = _call(at, SLOT0, 0, 2, STATE_GAS);
        (bool okSpacing, uint256 spacing,) = _call(at, TICK_SPACING, 0, 1, STATE_GAS);
        if (!(okPrice && okSpacing)) return false;
        if (int256(spacing) < 1 || int256(spacing) > MAX_TICK_SPACING) return false;
        if (int256(tick) < -MAX_TICK || int256(tick) > MAX_TICK) return false;
        pool.tickSpacing = int24(int256(spacing));
        pool.sqrtPriceX96 = uint160(sqrtPrice);
        pool.tick = int24(int256(tick));
        return _readTerms(at, pool) && sqrtPrice != 0;
    }

    function _readTerms(address at, Pool memory pool) private view returns (bool) {
        (bool ok0, uint256 token0,) = _call(at, TOKEN0, 0, 1, STATE_GAS);
        (bool ok1, uint256 token1,) = _call(at, TOKEN1, 0, 1, STATE_GAS);
        (bool okFee, uint256 fee,) = _call(at, FEE, 0, 1, STATE_GAS);
        (bool okLiquidity, uint256 liquidity,) = _call(at, LIQUIDITY, 0, 1, STATE_GAS);
        if (!(ok0 && ok1 && okFee && okLiquidity)) return false;
        pool.exists = true;
        pool.token0 = address(uint160(token0));
        pool.token1 = address(uint160(token1));
        pool.fee = uint24(fee);
        pool.liquidity = uint128(liquidity);
        return true;
    }

    /// Reads words from the price outwards, as far as the gas goes above `gasFloor`, and counts the ticks in them.
    function _readBitmap(address at, Pool memory pool, uint256 words, uint256[] memory bitmap, uint256 gasFloor)
        private
        view
        returns (uint256 count)
    {
        // Ticks, words and gas are all far from the ends of their types.
        unchecked {
            int256 centre = _centre(pool);
            int256 origin = centre - int256(words);
            int256 lowest = _max(origin, _floor(-MAX_TICK, pool.tickSpacing) >> 8);
            int256 highest = _min(centre + int256(words), (MAX_TICK / pool.tickSpacing + 1) >> 8);
            int256 first = centre;
            int256 last = centre - 1;
            uint256 needed = gasFloor + WORD_GAS;
            while (last - first + 1 < int256(words) && gasleft() >= needed) {
                bool up = last < highest && (first == lowest || last - centre < centre - first);
                if (!up && first == lowest) break;
                int256 word = up ? last + 1 : first - 1;
                (bool ok, uint256 bits,) = _call(at, TICK_BITMAP, word, 1, WORD_GAS);
                if (!ok) break;
                if (bits != 0) {
                    uint256 found = _ones(bits);
                    needed += found * TICK_GAS;
                    if (gasleft() < needed) break;
                    count += found;
                }
                bitmap[uint256(word - origin)] = bits;
                if (up) last = word;
                else first = word;
            }
            pool.firstWord = int16(first);
            pool.lastWord = int16(last);
        }
    }

    /// Reads the ticks that `bitmap` holds; if one does not answer, nothing of the pool's ticks is known.
    function _readTicks(address at, Pool memory pool, uint256[] memory bitmap, uint256 count) private view {
        unchecked {
            int256[] memory ticks = new int256[](count);
            int256 spacing = pool.tickSpacing;
            int256 origin = _centre(pool) - int256(bitmap.length / 2);
            int256 last = pool.lastWord;
            uint256 filled;
            for (int256 word = pool.firstWord; word <= last; ++word) {
                uint256 bits = bitmap[uint256(word - origin)];
                while (bits != 0) {
                    int256 tick = ((word << 8) + int256(_lowest(bits))) * spacing;
                    (bool ok,, uint256 net) = _call(at, TICKS, tick, 2, TICK_GAS);
                    if (!ok) {
                        pool.lastWord = pool.firstWord - 1;
                        return;
                    }
                    ticks[filled++] = (tick << 128) | int256(net & type(uint128).max);
                    bits &= bits - 1;
                }
            }
            pool.ticks = ticks;
        }
    }

    /// The first two words that a function without or with one argument returns; `ok` if it returned as many as
    /// `expected`. Uses scratch memory only, so that thousands of reads do not grow it.
    function _call(address at, bytes4 selector, int256 argument, uint256 expected, uint256 gasLimit)
        private
        view
        returns (bool ok, uint256 first, uint256 second)
    {
        assembly ("memory-safe") {
            mstore(0x00, selector)
            mstore(0x04, argument)
            ok := staticcall(gasLimit, at, 0x00, 0x24, 0x00, 0x40)
            ok := and(ok, iszero(lt(returndatasize(), mul(expected, 0x20))))
            if ok {
                first := mload(0x00)
                second := mload(0x20)
            }
        }
    }

    /// The word of the bitmap that the price is in.
    function _centre(Pool memory pool) private pure returns (int256) {
        return _floor(pool.tick, pool.tickSpacing) >> 8;
    }

    function _floor(int256 a, int256 b) private pure returns (int256) {
        return a < 0 && a % b != 0 ? a / b - 1 : a / b;
    }

    function _min(int256 a, int256 b) private pure returns (int256) {
        return a < b ? a : b;
    }

    function _max(int256 a, int256 b) private pure returns (int256) {
        return a > b ? a : b;
    }

    /// How many bits are set.
    function _ones(uint256 bits) private pure returns (uint256 count) {
        unchecked {
            for (; bits != 0; ++count) {
                bits &= bits - 1;
            }
        }
    }

    /// The position of the lowest bit that is set, of which there is one.
    function _lowest(uint256 bits) private pure returns (uint256 position) {
        unchecked {
            if (bits & type(uint128).max == 0) (position, bits) = (position + 128, bits >> 128);
            if (bits & type(uint64).max == 0) (position, bits) = (position + 64, bits >> 64);
            if (bits & type(uint32).max == 0) (position, bits) = (position + 32, bits >> 32);
            if (bits & type(uint16).max == 0) (position, bits) = (position + 16, bits >> 16);
            if (bits & type(uint8).max == 0) (position, bits) = (position + 8, bits >> 8);
            if (bits & 0xf == 0) (position, bits) = (position + 4, bits >> 4);
            if (bits & 0x3 == 0) (position, bits) = (position + 2, bits >> 2);
            if (bits & 0x1 == 0) ++position;
        }
    }
}
