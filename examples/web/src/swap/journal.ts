// What this browser remembers of the swaps it prepared: the server lists what was made, not what was begun. It keeps
// each hash before it is handed in, so that a page that is loaded again hands in what was sent, and sends nothing twice.
import type { Address, Hex } from 'viem';
import { keep, kept } from '../api/storage';
import { store } from '../api/store';
import type { SwapOrderInput } from '../generated/graphql';

export interface Entry {
  readonly id: string;
  readonly account: Address;
  readonly at: number;
  readonly order: SwapOrderInput;
  /** In words, as in "1 ETH for USDC". */
  readonly title: string;
  /** The least output that was shown before it was prepared, in atomic units. */
  readonly shownMinimum: string;
  readonly slippageBps: number;
  /** What was sent, by the index of its step. */
  readonly hashes: Readonly<Record<number, Hex>>;
  readonly over: boolean;
}

const KEPT = 'colonnade.swaps';
const REMEMBERED = 30;
const storage = () => localStorage;

export const journal = store<readonly Entry[]>(remembered() ?? []);

function remembered(): readonly Entry[] | null {
  const found = kept(storage, KEPT);
  return Array.isArray(found) ? (found as readonly Entry[]).filter(({ id, order }) => id && order) : null;
}

/** What all tabs of this browser have written: each adds to it, none writes over another's. */
const current = (): readonly Entry[] => remembered() ?? journal.get();

function set(entries: readonly Entry[]): void {
  const recent = entries.slice(0, REMEMBERED);
  keep(storage, KEPT, recent);
  journal.set(recent);
}

export function note(entry: Entry): void {
  const entries = current();
  if (!entries.some(({ id }) => id === entry.id)) set([entry, ...entries]);
}

export function amend(id: string, change: (entry: Entry) => Partial<Entry>): void {
  set(current().map((entry) => (entry.id === id ? { ...entry, ...change(entry) } : entry)));
}

/** Takes up what other tabs write: what was sent in one is not sent again in another. */
export function shareJournal(): () => void {
  const changed = (event: StorageEvent) => {
    if (event.key === KEPT) journal.set(remembered() ?? []);
  };
  window.addEventListener('storage', changed);
  return () => window.removeEventListener('storage', changed);
}

export const entryOf = (entries: readonly Entry[], id: string): Entry | undefined => entries.find((entry) => entry.id === id);
