// Where a swap stands, for people: one sentence for each state that it can be in, and for those to come.
import type { Tone } from '../ui/Notice';
import type { IconName } from '../ui/Icon';
import type { Action } from './actions';

export interface Stage {
  readonly tone: Tone;
  readonly icon: IconName;
  readonly title: string;
  readonly said: string;
  /** How many of the four columns stand: prepared, sent, in a block, final. */
  readonly columns: 0 | 1 | 2 | 3 | 4;
  /** Whether nothing happens any more. */
  readonly over: boolean;
}

const ended = { columns: 0, over: true } as const;

const FAILURES: Record<string, Pick<Stage, 'title' | 'said'>> = {
  REVERTED: {
    title: 'The swap was undone',
    said: 'The contracts refused it, most often because the price had moved too far. Your tokens stay; only the network fee is spent.',
  },
  REPLACED: {
    title: 'Another transaction took its place',
    said: 'Your wallet sent something else in the same slot, so this swap can no longer happen. If you sped it up, hand in the new hash.',
  },
  PROOF_ALREADY_USED: {
    title: 'This transaction belongs to another swap',
    said: 'What was handed in already proves something else.',
  },
};

/** Where the action stands. `head`: the newest block; `block`: the one that holds the swap, where that is known. */
export function stageOf(action: Action, block: number | null, head: number | null): Stage {
  const { status, revision, failure } = action;
  switch (status) {
    case 'AWAITING_USER':
      return awaiting(action);
    case 'SUBMITTED':
      if (revision > 0)
        return {
          tone: 'warn',
          icon: 'undo',
          title: 'Taken back by the chain',
          said: 'The chain replaced the block that held your swap. It waits to be included again; you need not do anything.',
          columns: 2,
          over: false,
        };
      return { tone: 'calm', icon: 'clock', title: 'Sent', said: 'Waiting for a block to hold your swap.', columns: 2, over: false };
    case 'CONFIRMED':
      return {
        tone: 'good',
        icon: 'check',
        title: block === null ? 'In a block' : `In block ${block.toLocaleString('en')}`,
        said: `${confirmations(block, head)}Your swap is made. The chain could still take the block back, which is rare${revision > 0 ? ', though it did once' : ''}.`,
        columns: 3,
        over: false,
      };
    case 'FINALIZED':
      return { tone: 'good', icon: 'check', title: 'Done, for good', said: 'The chain can no longer take this swap back.', columns: 4, over: true };
    case 'FAILED':
      return { tone: 'bad', icon: 'cross', ...ended, columns: 2, ...(FAILURES[failure?.code ?? ''] ?? otherFailure(failure?.message)) };
    case 'EXPIRED':
      return { tone: 'warn', icon: 'clock', title: 'Time is over', said: 'It was not signed or sent in time. Nothing was swapped.', ...ended };
    case 'CANCELLED':
      return { tone: 'calm', icon: 'cross', title: 'Called off', said: 'Nothing was sent.', ...ended };
    default:
      return { tone: 'calm', icon: 'clock', title: 'In progress', said: 'This page is older than the server and does not know this state. Load it again.', columns: 1, over: false };
  }
}

function awaiting({ steps }: Action): Stage {
  const ready = steps.find(({ status }) => status === 'READY');
  const under = steps.find(({ status }) => status === 'SUBMITTED');
  const done = steps.filter(({ status }) => status === 'DONE').length;
  const count = steps.length > 1 ? `Step ${Math.min(done + 1, steps.length)} of ${steps.length}. ` : '';
  if (!ready && under)
    return { tone: 'calm', icon: 'clock', title: 'Waiting for the chain', said: `${count}${under.title} was sent; the next step follows its block.`, columns: 1, over: false };
  return { tone: 'calm', icon: 'pen', title: 'Ready for you', said: `${count}Confirm it in your wallet. Nothing was sent so far.`, columns: 1, over: false };
}

function confirmations(block: number | null, head: number | null): string {
  if (block === null || head === null || head < block) return '';
  const deep = head - block + 1;
  return `${deep} ${deep === 1 ? 'block holds' : 'blocks hold'} it so far. `;
}

const otherFailure = (message: string | undefined) => ({
  title: 'What was sent is not this swap',
  said: message ? `The server looked at the chain and says: ${message}.` : 'The server looked at the chain and could not find it.',
});
