// Reads a JSON array of user operations, writes the hashes that viem gives them. Integers are `0x` text.

import { readFileSync } from 'node:fs';
import { getUserOperationHash } from 'viem/account-abstraction';

const integers = new Set([
  'nonce',
  'callGasLimit',
  'verificationGasLimit',
  'preVerificationGas',
  'maxFeePerGas',
  'maxPriorityFeePerGas',
  'paymasterVerificationGasLimit',
  'paymasterPostOpGasLimit',
]);
const asked = JSON.parse(readFileSync(0, 'utf8'), (key, value) => (integers.has(key) ? BigInt(value) : value));
process.stdout.write(JSON.stringify(asked.map((each) => getUserOperationHash(each))));
