import { useState } from 'react';
import type { Address } from 'viem';
import { useStore } from '../api/store';
import { Notice } from '../ui/Notice';
import { connected, use } from './connected';
import { wallets } from './discovery';
import { walletRefusal } from './refusals';

/** The way back to the wallet that a swap needs. */
export function Reconnect({ account }: { readonly account: Address }) {
  const found = useStore(wallets);
  const now = useStore(connected);
  const [said, say] = useState<string | null>(null);
  return (
    <Notice tone="warn" icon="wallet" title={now ? 'Your wallet shows another account' : 'Your wallet is not connected'}>
      <p>
        This swap is for <code className="whole">{account}</code>.
      </p>
      {found.map((wallet) => (
        <button
          key={wallet.rdns}
          type="button"
          className="button"
          onClick={() => void use(wallet).then(() => say(null), (error: unknown) => say(walletRefusal(error).said))}
        >
          {`Connect ${wallet.name}`}
        </button>
      ))}
      {said && <p role="alert">{said}</p>}
    </Notice>
  );
}
