// What must not compile; were one of these right, the compiler would say that nothing is wrong with it.
import type { PriceQuery, PriceQueryVariables, SwapOrderInput } from './generated/graphql.js';

const token = '0x4200000000000000000000000000000000000006';

// @ts-expect-error: an amount is a string; a number would lose digits
export const amountAsNumber: PriceQueryVariables = { input: { amount: 1e18, tokenIn: token, tokenOut: token } };

// @ts-expect-error: an address begins with 0x
export const addressOfText: SwapOrderInput = { amount: '1', tokenIn: 'ether', tokenOut: token };

// @ts-expect-error: nothing is bought
export const fieldForgotten: SwapOrderInput = { amount: '1', tokenIn: token };

export function resultNotNarrowed({ swapPrice }: PriceQuery): string {
  // @ts-expect-error: it may be an error, or nothing at all
  return swapPrice.amountOut.raw;
}

export function anotherUnion(name: NonNullable<PriceQuery['swapPrice']>['__typename']): boolean {
  // @ts-expect-error: no such thing is in the union
  return name === 'SwapQuote';
}
