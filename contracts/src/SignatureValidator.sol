// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.26;

/// @title Whether a signature is an account's, whatever kind of account it is.
/// @notice Never deployed: a node runs this code for one `eth_call`, as a state override at any address.
/// @dev Knows keys (ECDSA), contracts (ERC-1271), contracts that are yet to be deployed (ERC-6492), and keys that
/// delegate to a contract (EIP-7702). Foreign code runs with bounded gas, and leaves nothing behind: calls that
/// share the `eth_call` see the chain as it was.
contract SignatureValidator {
    /// The answers, one byte each. Anything else, nothing included, is not ours.
    bytes1 private constant BAD = 0x00;
    bytes1 private constant GOOD_BY_KEY = 0x01;
    bytes1 private constant GOOD_BY_CONTRACT = 0x02;

    /// What `isValidSignature` returns for a good signature: its own selector (ERC-1271).
    bytes4 private constant IS_VALID_SIGNATURE = 0x1626ba7e;
    /// The last 32 bytes of a wrapped signature (ERC-6492).
    bytes32 private constant WRAPPED = 0x6492649264926492649264926492649264926492649264926492649264926492;
    /// The first bytes of the code of a key that delegates (EIP-7702), and how many bytes there are in all.
    bytes3 private constant DELEGATES = 0xef0100;
    uint256 private constant DELEGATION = 23;
    /// Half of the order of secp256k1; a larger `s` has a twin below that says the same (EIP-2).
    uint256 private constant HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    /// What a question to an account may burn, and a call that deploys one.
    uint256 private constant QUESTION_GAS = 3_000_000;
    uint256 private constant DEPLOYMENT_GAS = 8_000_000;
    /// Two questions, a deployment, and our own work on a long signature.
    uint256 private constant ALL_GAS = 15_000_000;

    /// @notice One byte: 0x00 unless `signature` is good for `signer` and `digest`; then 0x01 if no code stands at
    /// `signer`, and 0x02 if some does or would.
    /// @dev Reverts without data where too little gas is left to tell.
    function check(address signer, bytes32 digest, bytes calldata signature) external {
        if (gasleft() < ALL_GAS + ALL_GAS / 32) revert();
        bytes memory question = abi.encodeCall(this.attempt, (signer, digest, signature));
        bytes1 answer = BAD;
        assembly ("memory-safe") {
            pop(call(ALL_GAS, address(), 0, add(question, 32), mload(question), 0, 0))
            if eq(returndatasize(), 1) {
                returndatacopy(0, 0, 1)
                answer := and(mload(0), shl(248, 0xff))
            }
            mstore(0, answer)
            return(0, 1)
        }
    }

    /// @notice Always reverts, so that nothing it tried is left; with the answer of `check`, or anything for "no".
    function attempt(address signer, bytes32 digest, bytes calldata signature) external {
        bytes1 answer = BAD;
        if (_isGood(signer, digest, signature)) {
            answer = signer.code.length == 0 ? GOOD_BY_KEY : GOOD_BY_CONTRACT;
        }
        assembly ("memory-safe") {
            mstore(0, answer)
            revert(0, 1)
        }
    }

    function _isGood(address signer, bytes32 digest, bytes calldata signature) private returns (bool) {
        bool wrapped = signature.length >= 32 && bytes32(signature[signature.length - 32:]) == WRAPPED;
        if (!wrapped) return _isSignedBy(signer, digest, signature);

        (address factory, bytes memory deployment, bytes memory inner) =
            abi.decode(signature[:signature.length - 32], (address, bytes, bytes));
        if (signer.code.length != 0 && _isSignedBy(signer, digest, inner)) return true;
        // An account that stands may still have to be told of the key that signed.
        assembly ("memory-safe") {
            pop(call(DEPLOYMENT_GAS, factory, 0, add(deployment, 32), mload(deployment), 0, 0))
        }
        return signer.code.length != 0 && _isSignedBy(signer, digest, inner);
    }

    function _isSignedBy(address signer, bytes32 digest, bytes memory signature) private view returns (bool) {
        if (signer.code.length == 0) return _isByKey(signer, digest, signature);
        return _isAccepted(signer, digest, signature)
            || (_delegates(signer) && _isByKey(signer, digest, signature));
    }

    function _isAccepted(address account, bytes32 digest, bytes memory signature) private view returns (bool accepted) {
        bytes memory question = abi.encodeWithSelector(IS_VALID_SIGNATURE, digest, signature);
        assembly ("memory-safe") {
            mstore(0, 0)
            let answered := staticcall(QUESTION_GAS, account, add(question, 32), mload(question), 0, 32)
            // The whole word, since a contract that returns what it was asked begins with the selector too.
            accepted := and(and(answered, gt(returndatasize(), 31)), eq(mload(0), IS_VALID_SIGNATURE))
        }
    }

    function _isByKey(address signer, bytes32 digest, bytes memory signature) private pure returns (bool) {
        if (signature.length != 65) return false;
        (bytes32 r, bytes32 s) = abi.decode(signature, (bytes32, bytes32));
        if (uint256(s) > HALF_ORDER) return false;
        uint8 v = uint8(signature[64]);
        if (v != 27 && v != 28) return false;
        address found = ecrecover(digest, v, r, s);
        return found != address(0) && found == signer;
    }

    function _delegates(address account) private view returns (bool) {
        return account.code.length == DELEGATION && bytes3(account.code) == DELEGATES;
    }
}
