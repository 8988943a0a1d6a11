import { useState } from 'react';
import { client } from '../api/client';
import { faultOf } from '../api/faults';
import { sentence } from '../api/sentences';
import { type PrepareSwapInput, PrepareSwapDocument, type PrepareSwapMutation } from '../generated/graphql';
import { brief, perCent } from '../ui/decimals';
import type { Action } from './actions';

type Refusal = Exclude<NonNullable<PrepareSwapMutation['prepareSwap']>, { readonly __typename: 'PreparedAction' }>;

/** What is asked for, and the key under which it counts once. A failed attempt is repeated under its own key. */
let attempt: { readonly asked: string; readonly key: string } | null = null;

function keyOf(asked: string): string {
  if (attempt?.asked !== asked) attempt = { asked, key: crypto.randomUUID() };
  return attempt.key;
}

const AGAIN_MS = 1_000;
const PATIENCE = 5;

export type Preparing = { readonly state: 'IDLE' | 'BUSY' } | { readonly state: 'REFUSED'; readonly said: string };

/** Has swaps prepared, each once, however often it is asked for. */
export function usePreparing() {
  const [now, set] = useState<Preparing>({ state: 'IDLE' });
  const prepare = async (input: Omit<PrepareSwapInput, 'idempotencyKey'>): Promise<Action | null> => {
    set({ state: 'BUSY' });
    const idempotencyKey = keyOf(JSON.stringify(input));
    try {
      const told = await asked({ ...input, idempotencyKey });
      if (told?.__typename !== 'PreparedAction') {
        set({ state: 'REFUSED', said: told ? refusal(told) : 'The server could not prepare the swap. Try again.' });
        if (told && !told.retryable) attempt = null; // decided: the next attempt is another
        return null;
      }
      attempt = null;
      set({ state: 'IDLE' });
      return told;
    } catch (error) {
      set({ state: 'REFUSED', said: faultOf(error).said });
      return null;
    }
  };
  return { now, prepare, dismiss: () => set({ state: 'IDLE' }) };
}

async function asked(input: PrepareSwapInput): Promise<PrepareSwapMutation['prepareSwap']> {
  for (let time = 1; ; time += 1) {
    const { data } = await client.mutate({ mutation: PrepareSwapDocument, variables: { input }, fetchPolicy: 'no-cache' });
    const told = data?.prepareSwap ?? null;
    if (told?.__typename !== 'IdempotencyInProgress' || time === PATIENCE) return told;
    await new Promise((resolve) => setTimeout(resolve, told.retryAfterMs ?? AGAIN_MS));
  }
}

/** A refusal as a sentence, with its numbers where it has any. */
function refusal(told: Refusal): string {
  switch (told.__typename) {
    case 'InsufficientBalance':
      return `This takes ${brief(told.required.amount)} ${told.required.token.symbol}; your wallet holds ${brief(told.held.amount)}.`;
    case 'PriceImpactTooHigh':
      return `A swap of this size loses ${perCent(told.priceImpactBps)} to its own weight. Try a smaller amount.`;
    case 'SimulationFailed':
      return `${sentence(told)} The contracts say: ${told.revertReason}.`;
    case 'ValidationFailed':
      return told.issues.map(({ message }) => message).join('. ') || sentence(told);
    default:
      return sentence(told);
  }
}
