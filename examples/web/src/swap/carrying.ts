import { useEffect, useRef, useState } from 'react';
import { connected } from '../wallet/connected';
import type { Action, Step } from './actions';
import { askWallet, callOff, forget, handIn, type Problem } from './carrying_out';
import type { Entry } from './journal';

/** Carries steps out one at a time, and says what it waits for and what went wrong. */
export function useCarrying(action: Action, entry: Entry | undefined) {
  const [busy, setBusy] = useState<'WALLET' | 'PROOF' | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const running = useRef(false);

  const once = async (work: () => Promise<Problem | null>) => {
    if (running.current) return;
    running.current = true;
    setProblem(null);
    try {
      setProblem(await work());
    } finally {
      running.current = false;
      setBusy(null);
    }
  };

  const carry = (step: Step) =>
    once(async () => {
      const hash = entry?.hashes[step.index];
      const wallet = connected.get();
      if (!hash && wallet?.account !== action.account) return { kind: 'WALLET', said: 'Your wallet shows another account.' };
      setBusy('WALLET');
      const proof = hash ? { txHash: hash } : await askWallet(action, step, wallet as NonNullable<typeof wallet>);
      if ('kind' in proof) return proof;
      setBusy('PROOF');
      return handIn(action, step.index, proof);
    });

  // A page that was closed between sending and handing in hands in what it sent.
  const left = action.steps.find(({ status, index }) => status === 'READY' && entry?.hashes[index]);
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    if (left) void carry(left);
  });

  return {
    busy,
    problem,
    carry,
    callOff: () => once(() => callOff(action)),
    sendAnew: (step: Step) => {
      forget(action, step.index);
      setProblem(null);
    },
  };
}
