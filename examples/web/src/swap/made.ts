import { useQuery } from '@apollo/client/react';
import { useEffect } from 'react';
import { useStore } from '../api/store';
import { type MadeSwapFragment, SwapsDocument } from '../generated/graphql';
import { feed } from '../market/feed';
import type { Action } from './actions';

const RECENT = 10;

/** The swap that the action made, as the chain's own logs tell it; null until they are read. */
export function useMadeSwap({ status, account }: Action, hash: string | undefined): MadeSwapFragment | null {
  const head = useStore(feed).block;
  const skip = hash === undefined || (status !== 'CONFIRMED' && status !== 'FINALIZED');
  const { data, refetch } = useQuery(SwapsDocument, { variables: { account, first: RECENT }, skip, fetchPolicy: 'no-cache' });
  const found = skip ? undefined : data?.swaps?.edges.find(({ node }) => node.transactionHash === hash)?.node;
  const settled = found?.block?.finality === 'FINALIZED';
  useEffect(() => {
    if (!skip && !settled) refetch().catch(() => {}); // it is asked again with the next block
  }, [head, skip, settled, status, refetch]);
  return found ?? null;
}
