/** An error as EIP-1193 has it: a code that pages can tell apart. */
export class RpcError extends Error {
  constructor(
    readonly code: number,
    message: string,
    readonly data?: unknown,
  ) {
    super(message);
    this.name = 'RpcError';
  }
}

const CODES = {
  REJECTED: 4001,
  NOT_CONNECTED: 4100,
  UNSUPPORTED: 4200,
  NO_NODE: 4900,
  NOT_HERE: 4901,
  NOT_ANVIL: 4901,
  WRONG_CHAIN: 4902,
  INVALID: -32602,
  BUSY: -32002,
} as const;

export function walletError(kind: keyof typeof CODES, message: string): RpcError {
  return new RpcError(CODES[kind], message);
}
