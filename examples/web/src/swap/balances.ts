import { useQuery } from '@apollo/client/react';
import type { Address } from 'viem';
import { BalancesDocument } from '../generated/graphql';
import { ETHER } from '../market/tokens';
import type { Draft } from './draft';

/** What the account holds of both tokens, in atomic units; null while that is not known, or for nobody. */
export function useBalances(account: Address | null, { tokenIn, tokenOut }: Draft) {
  const { data } = useQuery(BalancesDocument, {
    variables: { account: account ?? ETHER, tokens: [tokenIn, tokenOut] },
    skip: account === null,
    fetchPolicy: 'no-cache',
  });
  if (!account || !data?.balances) return null;
  const held = (token: Address) => {
    const found = data.balances?.amounts.find((amount) => amount.token.address === token);
    return found && BigInt(found.raw);
  };
  return { in: held(tokenIn), out: held(tokenOut) };
}

/** Wei that are left alone when all of the coin is to be paid: gas costs it too. */
const FOR_GAS = 10n ** 15n;

/** The most that can be paid of what is held. */
export function payable(token: Address, held: bigint): bigint {
  if (token !== ETHER) return held;
  return held > FOR_GAS ? held - FOR_GAS : 0n;
}
