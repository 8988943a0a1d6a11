// Which wallets this browser has: they announce themselves (EIP-6963); one of before that is `window.ethereum`.
import { store } from '../api/store';
import type { Eip1193Provider } from './provider';

export interface Wallet {
  /** The wallet's name in reverse domain notation: the same at every visit. */
  readonly rdns: string;
  readonly name: string;
  readonly icon: string | null;
  readonly provider: Eip1193Provider;
}

interface Announcement {
  readonly info?: { readonly rdns?: unknown; readonly name?: unknown; readonly icon?: unknown };
  readonly provider?: Eip1193Provider;
}

export const wallets = store<readonly Wallet[]>([]);

/** Asks wallets to announce themselves, now and whenever one comes later. */
export function discover(): () => void {
  const announced = (event: Event) => {
    const found = walletOf((event as CustomEvent<Announcement>).detail);
    if (!found) return;
    const others = wallets.get().filter(({ rdns }) => rdns !== found.rdns && rdns !== INJECTED);
    wallets.set([...others, found].sort((one, other) => one.name.localeCompare(other.name)));
  };
  window.addEventListener('eip6963:announceProvider', announced);
  window.dispatchEvent(new Event('eip6963:requestProvider'));
  const { ethereum } = window as { ethereum?: Eip1193Provider };
  if (ethereum && !wallets.get().length)
    wallets.set([{ rdns: INJECTED, name: 'Browser wallet', icon: null, provider: ethereum }]);
  return () => window.removeEventListener('eip6963:announceProvider', announced);
}

const INJECTED = 'window.ethereum';

/** Whatever runs in the page can announce: what it says is only shown, and its picture is data, never an address. */
function walletOf({ info, provider }: Announcement): Wallet | null {
  if (!provider || typeof info?.rdns !== 'string' || typeof info.name !== 'string') return null;
  const icon = typeof info.icon === 'string' && info.icon.startsWith('data:image/') ? info.icon : null;
  return { rdns: info.rdns, name: info.name.slice(0, 40), icon, provider };
}
