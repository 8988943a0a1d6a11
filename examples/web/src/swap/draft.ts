// What somebody is about to swap, before anything is asked of anybody.
import type { Address } from 'viem';
import { store } from '../api/store';
import { ETHER, type Token, USDC } from '../market/tokens';
import { type Parsed, parseAmount } from '../ui/decimals';
import type { SwapOrderInput } from '../generated/graphql';

export type Side = 'IN' | 'OUT';

export interface Draft {
  readonly tokenIn: Address;
  readonly tokenOut: Address;
  /** Which amount was typed; the other follows from the price. */
  readonly side: Side;
  readonly text: string;
  readonly slippageBps: number;
}

export const TOLERANCES = [10, 50, 100] as const;

export const draft = store<Draft>({ tokenIn: ETHER, tokenOut: USDC, side: 'IN', text: '', slippageBps: 50 });

export function change(part: Partial<Draft>): void {
  draft.set({ ...draft.get(), ...part });
}

/** Chooses a token for a side; where the other side has it, the two change places. */
export function chooseToken(side: Side, token: Address): void {
  const { tokenIn, tokenOut } = draft.get();
  if (token === (side === 'IN' ? tokenOut : tokenIn)) return turn();
  change(side === 'IN' ? { tokenIn: token } : { tokenOut: token });
  return undefined;
}

/** What was bought is now paid with; the amount stays with its token. */
export function turn(): void {
  const { tokenIn, tokenOut, side, text } = draft.get();
  change({ tokenIn: tokenOut, tokenOut: tokenIn, side: side === 'IN' ? 'OUT' : 'IN', text });
}

/** The amount that was typed, of the token of its side; null while nothing was. */
export function amountOf({ side, text }: Draft, tokenIn: Token, tokenOut: Token): Parsed | null {
  return text.trim() ? parseAmount(text, (side === 'IN' ? tokenIn : tokenOut).decimals) : null;
}

export function orderOf({ tokenIn, tokenOut, side }: Draft, raw: bigint): SwapOrderInput {
  return { tokenIn, tokenOut, amount: raw.toString(), tradeType: side === 'IN' ? 'EXACT_INPUT' : 'EXACT_OUTPUT' };
}
