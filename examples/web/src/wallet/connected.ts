// The wallet that this page speaks to, and the account it shows.
import type { Address } from 'viem';
import { keep, kept } from '../api/storage';
import { store } from '../api/store';
import { type Wallet, wallets } from './discovery';
import { connect, onChain, shown } from './provider';

export const BASE = 8453;

const KEPT = 'colonnade.wallet';
const storage = () => localStorage;

export interface Connected {
  readonly wallet: Wallet;
  readonly account: Address;
}

export const connected = store<Connected | null>(null);

/** Connects a wallet on Base. Raises what the wallet raises, as where its owner declines. */
export async function use(wallet: Wallet): Promise<Connected> {
  const account = await connect(wallet.provider);
  await onChain(wallet.provider, BASE);
  keep(storage, KEPT, wallet.rdns);
  const now = { wallet, account };
  connected.set(now);
  return now;
}

/** Forgets the wallet. Which pages it shows itself to is its own affair. */
export function leave(): void {
  keep(storage, KEPT, null);
  connected.set(null);
}

/** Takes up the wallet of the last visit as soon as it announces itself, and follows its choice of account. */
export function takeUp(): () => void {
  let unfollow = () => {};
  const look = async () => {
    const wallet = wallets.get().find(({ rdns }) => rdns === kept(storage, KEPT));
    if (!wallet || connected.get()) return;
    const account = await shown(wallet.provider).catch(() => null);
    if (account && !connected.get()) connected.set({ wallet, account });
  };
  const follow = () => {
    unfollow();
    const now = connected.get();
    if (!now) return;
    const { provider } = now.wallet;
    const changed = () =>
      void shown(provider)
        .catch(() => null)
        .then((account) => {
          if (connected.get()?.wallet === now.wallet) connected.set(account ? { ...now, account } : null);
        });
    provider.on?.('accountsChanged', changed);
    unfollow = () => void provider.removeListener?.('accountsChanged', changed);
  };
  const stop = [wallets.subscribe(() => void look()), connected.subscribe(follow)];
  void look();
  return () => {
    unfollow();
    for (const each of stop) each();
  };
}
