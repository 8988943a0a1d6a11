// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.26;

import {EIP712} from "solady/src/utils/EIP712.sol";
import {LibClone} from "solady/src/utils/LibClone.sol";
import {WebAuthn} from "solady/src/utils/WebAuthn.sol";

/// A user operation as EntryPoint 0.8 hands it to an account (ERC-4337).
struct PackedUserOperation {
    address sender;
    uint256 nonce;
    bytes initCode;
    bytes callData;
    bytes32 accountGasLimits;
    uint256 preVerificationGas;
    bytes32 gasFees;
    bytes paymasterAndData;
    bytes signature;
}

/// @title An account that a passkey controls.
/// @notice For the local chain and for tests: small, not upgradeable, one key for ever.
/// @dev A clone whose immutable arguments are the public key, so that there is nothing to initialise.
contract PasskeyAccount is EIP712 {
    struct Call {
        address target;
        uint256 value;
        bytes data;
    }

    /// EntryPoint 0.8.
    address public constant ENTRY_POINT = 0x4337084D9E255Ff0702461CF8895CE9E3b5Ff108;

    bytes32 private constant MESSAGE_TYPE = keccak256("PasskeyMessage(bytes32 hash)");
    bytes4 private constant IS_VALID_SIGNATURE = 0x1626ba7e;

    error OnlyEntryPoint();

    modifier onlyEntryPoint() {
        if (msg.sender != ENTRY_POINT) revert OnlyEntryPoint();
        _;
    }

    receive() external payable {}

    /// @notice ERC-1271. The passkey signs `replaySafeHash(hash)`, so that no other account of the same key signs too.
    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        return _isSigned(replaySafeHash(hash), signature) ? IS_VALID_SIGNATURE : bytes4(0xffffffff);
    }

    /// @notice What the passkey signs for `hash`: bound to this account and chain.
    function replaySafeHash(bytes32 hash) public view returns (bytes32) {
        return _hashTypedData(keccak256(abi.encode(MESSAGE_TYPE, hash)));
    }

    /// @notice ERC-4337. The passkey signs the hash of the operation, which the EntryPoint binds to account and chain.
    function validateUserOp(PackedUserOperation calldata operation, bytes32 hash, uint256 missing)
        external
        onlyEntryPoint
        returns (uint256 failed)
    {
        failed = _isSigned(hash, operation.signature) ? 0 : 1;
        if (missing != 0) {
            (bool paid,) = msg.sender.call{value: missing}("");
            paid; // the EntryPoint looks for itself
        }
    }

    /// @notice Makes every call, or none.
    function execute(Call[] calldata calls) external onlyEntryPoint {
        for (uint256 i = 0; i < calls.length; i++) {
            (bool succeeded, bytes memory reason) = calls[i].target.call{value: calls[i].value}(calls[i].data);
            if (!succeeded) {
                assembly ("memory-safe") {
                    revert(add(reason, 32), mload(reason))
                }
            }
        }
    }

    /// @notice The point on P-256 that is the public key.
    function publicKey() public view returns (bytes32 x, bytes32 y) {
        return abi.decode(LibClone.argsOnClone(address(this)), (bytes32, bytes32));
    }

    function _isSigned(bytes32 hash, bytes calldata signature) private view returns (bool) {
        (bytes32 x, bytes32 y) = publicKey();
        return WebAuthn.verify(abi.encode(hash), true, WebAuthn.tryDecodeAuth(signature), x, y);
    }

    function _domainNameAndVersion() internal pure override returns (string memory, string memory) {
        return ("Passkey Account", "1");
    }
}

/// @title Makes passkey accounts, at addresses that are known before.
contract PasskeyAccountFactory {
    address public immutable IMPLEMENTATION = address(new PasskeyAccount());

    /// @notice The account of this key, made if it does not stand yet.
    function createAccount(bytes32 x, bytes32 y, bytes32 salt) external returns (address account) {
        (, account) = LibClone.createDeterministicClone(IMPLEMENTATION, abi.encode(x, y), salt);
    }

    /// @notice Where the account of this key stands, or will.
    function accountOf(bytes32 x, bytes32 y, bytes32 salt) external view returns (address) {
        return LibClone.predictDeterministicAddress(IMPLEMENTATION, abi.encode(x, y), salt, address(this));
    }
}
