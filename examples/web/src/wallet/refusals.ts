/** Why a wallet did not do what it was asked. */
export interface WalletRefusal {
  readonly kind: 'REJECTED' | 'FUNDS' | 'CHAIN' | 'AWAY' | 'BUSY' | 'OTHER';
  readonly said: string;
}

const SAID: Record<WalletRefusal['kind'], string> = {
  REJECTED: 'You declined in your wallet. Nothing was signed or sent.',
  FUNDS: 'Your wallet does not hold enough ether for this transaction and its fee.',
  CHAIN: 'Your wallet is not on Base. Switch its network, then try again.',
  AWAY: 'Your wallet is not connected. Unlock it, then try again.',
  BUSY: 'Your wallet already shows a request. Answer that one first.',
  OTHER: 'Your wallet could not do this. Its own window may say why.',
};

/** By the codes of EIP-1193 and EIP-1474; nodes put others' words into the message. */
export function walletRefusal(error: unknown): WalletRefusal {
  const kind = kindOf(error);
  return { kind, said: SAID[kind] };
}

function kindOf(error: unknown): WalletRefusal['kind'] {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  if (code === 4001) return 'REJECTED';
  if (code === 4902 || code === 4901) return 'CHAIN';
  if (code === 4100 || code === 4900) return 'AWAY';
  if (code === -32002) return 'BUSY';
  return typeof message === 'string' && /insufficient funds/i.test(message) ? 'FUNDS' : 'OTHER';
}
