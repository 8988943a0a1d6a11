import { useQuery } from '@apollo/client/react';
import { useEffect, useRef, useState } from 'react';
import { faultOf } from '../api/faults';
import { sentence } from '../api/sentences';
import { useStore } from '../api/store';
import { type SwapOrderInput, SwapPriceDocument, type SwapPriceQuery } from '../generated/graphql';
import { feed } from '../market/feed';

export type Price = Extract<SwapPriceQuery['swapPrice'], { readonly __typename: 'SwapPrice' }>;
export type Quote =
  | { readonly state: 'NONE' | 'LOADING' }
  | { readonly state: 'PRICED'; readonly price: Price; readonly fresh: boolean }
  | { readonly state: 'REFUSED'; readonly said: string };

const SETTLED_MS = 250;
const BEHIND_MS = 500;

/** What a swap would bring, asked again with each block; a price that is being renewed is shown until then. */
export function useQuote(order: SwapOrderInput | null): Quote {
  const head = useStore(feed).block;
  const settled = useSettled(order);
  const skip = settled === null;
  const { data, previousData, error, loading, refetch } = useQuery(SwapPriceDocument, {
    variables: { input: settled ?? { tokenIn: '0x', tokenOut: '0x', amount: '0' } },
    skip,
    fetchPolicy: 'no-cache',
    notifyOnNetworkStatusChange: true,
  });
  const answered = data?.swapPrice?.__typename === 'SwapPrice' ? Number(data.swapPrice.block.number) : null;
  const asked = useRef(head);
  useEffect(() => {
    if (skip || head === null) return undefined;
    const ask = () => void refetch().catch(() => {}); // said by `error`
    if (head !== asked.current) {
      asked.current = head;
      ask();
      return undefined;
    }
    // One that was on its way while the block came, or whose node had not heard of the block.
    if (loading || answered === null || answered >= head) return undefined;
    const timer = setTimeout(ask, BEHIND_MS);
    return () => clearTimeout(timer);
  }, [head, skip, loading, answered, refetch]);

  if (order === null || skip) return { state: 'NONE' };
  if (error && !loading) return { state: 'REFUSED', said: faultOf(error).said };
  const told = (data ?? previousData)?.swapPrice;
  if (!told) return { state: 'LOADING' };
  if (told.__typename !== 'SwapPrice') return { state: 'REFUSED', said: sentence(told) };
  const fresh = !loading && data !== undefined && isFor(told, order);
  return isFor(told, order) ? { state: 'PRICED', price: told, fresh } : { state: 'LOADING' };
}

/** Whether the price is one of this order, not of what was typed before it. */
function isFor({ amountIn, amountOut }: Price, { tokenIn, tokenOut, amount, tradeType }: SwapOrderInput): boolean {
  const given = tradeType === 'EXACT_OUTPUT' ? amountOut : amountIn;
  return given.raw === amount && amountIn.token.address === tokenIn && amountOut.token.address === tokenOut;
}

/** The order once it has stood for a moment, so that not each key stroke is asked for. */
function useSettled(order: SwapOrderInput | null): SwapOrderInput | null {
  const text = JSON.stringify(order);
  const [settled, set] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => set(text), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return JSON.parse(order === null ? 'null' : settled) as SwapOrderInput | null;
}
