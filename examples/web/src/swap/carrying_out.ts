// Carrying an action out: the wallet signs or sends the step whose turn it is, and the server is handed the proof.
import type { Hex } from 'viem';
import { client } from '../api/client';
import { faultOf } from '../api/faults';
import { sentence } from '../api/sentences';
import { type ActionProofInput, CancelActionDocument, ConfirmActionDocument } from '../generated/graphql';
import type { Connected } from '../wallet/connected';
import { onChain, send, signMessage, signTypedData } from '../wallet/provider';
import { walletRefusal } from '../wallet/refusals';
import { type Action, messagesOf, remember, type Step } from './actions';
import { amend } from './journal';

export interface Problem {
  readonly kind: 'REJECTED' | 'FUNDS' | 'WALLET' | 'NETWORK' | 'REFUSED';
  readonly said: string;
}

const PATIENCE = 8;
const AGAIN_MS = 1_000;

/** Asks the wallet for what the step needs. The hash of what it sends is written down before anything else. */
export async function askWallet(action: Action, step: Step, { wallet, account }: Connected): Promise<ActionProofInput | Problem> {
  const { provider } = wallet;
  try {
    await onChain(provider, action.chainId);
    switch (step.__typename) {
      case 'SignTypedDataStep':
        return { signature: await signTypedData(provider, account, step.typedData) };
      case 'SignMessageStep':
        return { signature: await signMessage(provider, account, step.message ?? '') };
      case 'SendCallsStep': {
        const [call, ...more] = step.calls ?? [];
        if (!call || more.length)
          return { kind: 'WALLET', said: 'This step makes several calls at once, which needs a smart wallet that this page does not speak to.' };
        const txHash = await send(provider, account, call);
        amend(action.id, ({ hashes }) => ({ hashes: { ...hashes, [step.index]: txHash } }));
        return { txHash };
      }
      default:
        return { kind: 'WALLET', said: 'This step signs raw bytes, which wallets of browsers do not do.' };
    }
  } catch (error) {
    const { kind, said } = walletRefusal(error);
    return { kind: kind === 'REJECTED' || kind === 'FUNDS' ? kind : 'WALLET', said };
  }
}

/** Hands in what proves a step. The same proof again changes nothing, so it is repeated while that may help. */
export async function handIn(action: Action, index: number, proof: ActionProofInput): Promise<Problem | null> {
  const input = { actionId: action.id, step: index, proof };
  try {
    for (let time = 1; ; time += 1) {
      const before = messagesOf(action.id);
      const { data } = await client.mutate({ mutation: ConfirmActionDocument, variables: { input }, fetchPolicy: 'no-cache' });
      const told = data?.confirmAction ?? null;
      if (told?.__typename === 'PreparedAction') {
        remember(told, before);
        return null;
      }
      if (told && !told.retryable) return { kind: 'REFUSED', said: sentence(told.__typename === 'ProofRejected' ? { code: told.code, message: told.message } : told) };
      if (time === PATIENCE) return { kind: 'NETWORK', said: told ? sentence(told) : 'The server did not answer. Hand it in again.' };
      await new Promise((resolve) => setTimeout(resolve, told?.retryAfterMs ?? AGAIN_MS));
    }
  } catch (error) {
    return { kind: 'NETWORK', said: faultOf(error).said };
  }
}

/** Forgets what was sent for a step, so that it can be sent anew. */
export function forget(action: Action, index: number): void {
  amend(action.id, ({ hashes }) => {
    const { [index]: _, ...others } = hashes as Record<number, Hex>;
    return { hashes: others };
  });
}

/** Calls the action off. */
export async function callOff(action: Action): Promise<Problem | null> {
  try {
    const before = messagesOf(action.id);
    const { data } = await client.mutate({ mutation: CancelActionDocument, variables: { id: action.id }, fetchPolicy: 'no-cache' });
    const told = data?.cancelAction ?? null;
    if (told?.__typename === 'PreparedAction') remember(told, before);
    return told?.__typename === 'PreparedAction' ? null : { kind: 'REFUSED', said: told ? sentence(told) : 'Try again.' };
  } catch (error) {
    return { kind: 'NETWORK', said: faultOf(error).said };
  }
}
