import { useQuery } from '@apollo/client/react';
import type { Address } from 'viem';
import { type TokenPartsFragment, TokensDocument } from '../generated/graphql';

export type Token = TokenPartsFragment;

export const ETHER: Address = '0xEeeeeEeeeEeEeeEeEeEeeEEEeeeeEeeeeeeeEEeE';
export const USDC: Address = '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913';
export const WETH: Address = '0x4200000000000000000000000000000000000006';

const MANY = 24;

export interface Tokens {
  readonly list: readonly Token[];
  readonly error: unknown;
  readonly refetch: () => void;
}

/** The tokens that this page trades: the well-known ones of the chain. Asked once. */
export function useTokens(): Tokens {
  const { data, error, refetch } = useQuery(TokensDocument, { variables: { first: MANY } });
  return { list: data?.tokens?.edges.map(({ node }) => node) ?? [], error, refetch: () => void refetch().catch(() => {}) };
}
