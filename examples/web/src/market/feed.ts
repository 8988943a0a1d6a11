// Prices as blocks arrive, for every view: one subscription, and what it told since the page was opened.
import type { Address } from 'viem';
import { client } from '../api/client';
import { keep, kept } from '../api/storage';
import { store } from '../api/store';
import { TokenPricesDocument, type TokenPricesSubscription } from '../generated/graphql';

export interface Point {
  readonly block: number;
  /** When the block was made, in milliseconds since 1970. */
  readonly at: number;
  /** Whole units of the quote token, exactly. */
  readonly price: string;
}

export interface Feed {
  readonly quote: string;
  readonly block: number | null;
  /** When something was last heard, in milliseconds since 1970. */
  readonly heardAt: number | null;
  readonly series: Readonly<Record<string, readonly Point[]>>;
  readonly refused: unknown;
}

const KEPT = 'colonnade.prices';
const REMEMBERED = 240;
const AGAIN_MS = 5_000;
const storage = () => sessionStorage;

const NOTHING: Feed = { quote: 'USDC', block: null, heardAt: null, series: {}, refused: null };
export const feed = store<Feed>({ ...NOTHING, series: (kept(storage, KEPT) as Feed['series'] | null) ?? {} });

type Told = NonNullable<TokenPricesSubscription['tokenPrices']>;

/** Follows the prices of these tokens until it is stopped. */
export function followPrices(tokens: readonly Address[]): () => void {
  let stopped = false;
  let last = 0n;
  let pause: ReturnType<typeof setTimeout> | undefined;
  let following = { unsubscribe() {} };

  const again = (wait: number) => {
    following.unsubscribe();
    clearTimeout(pause);
    if (!stopped) pause = setTimeout(begin, wait);
  };
  const take = (told: Told) => {
    feed.set({ ...feed.get(), heardAt: Date.now(), refused: null });
    if (told.kind === 'RESET') return again(0); // the snapshot of a new subscription is the state
    const sequence = BigInt(told.sequence);
    // A snapshot begins a connection; of updates one may come late, behind a newer one.
    if (told.kind !== 'SNAPSHOT' && sequence < last) return undefined;
    last = sequence;
    if (told.node) feed.set(withPrices(feed.get(), told.node));
    return undefined;
  };
  const begin = () => {
    following = client
      .subscribe({ query: TokenPricesDocument, variables: { tokens: [...tokens] } })
      .subscribe({
        next({ data, error }) {
          if (data?.tokenPrices) take(data.tokenPrices);
          else if (error) refused(error);
        },
        error: refused,
        complete: () => again(AGAIN_MS),
      });
  };
  const refused = (error: unknown) => {
    feed.set({ ...feed.get(), refused: error });
    again(AGAIN_MS);
  };
  begin();
  return () => {
    stopped = true;
    clearTimeout(pause);
    following.unsubscribe();
  };
}

function withPrices(before: Feed, { block, prices, quote }: NonNullable<Told['node']>): Feed {
  const number = Number(block.number);
  const at = Date.parse(block.timestamp);
  const series: Record<string, readonly Point[]> = {};
  for (const { address, price } of prices) {
    // A chain that went back, after a reorganisation or begun anew, takes back what came after.
    const earlier = (before.series[address] ?? []).filter((point) => point.block < number);
    if (price !== null) series[address] = [...earlier, { block: number, at, price }].slice(-REMEMBERED);
  }
  keep(storage, KEPT, series);
  return { quote: quote.symbol, block: number, heardAt: Date.now(), series, refused: null };
}
