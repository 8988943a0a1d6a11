import { type FormEvent, useState } from 'react';
import { isHex } from 'viem';
import { Notice } from '../ui/Notice';
import { Link } from '../ui/route';
import type { Action } from './actions';
import { handIn, type Problem } from './carrying_out';
import { amend } from './journal';

/** Where to go from a swap that is over. */
export function Ended({ action }: { readonly action: Action }) {
  const done = action.status === 'FINALIZED';
  return (
    <>
      {action.failure?.retryable && <AnotherHash action={action} />}
      <div className="step-buttons">
        {done && (
          <Link to="/history" className="button primary wide">
            See it in your history
          </Link>
        )}
        <Link to="/swap" className={done ? 'button wide' : 'button primary wide'}>
          {done ? 'Swap again' : 'Start again'}
        </Link>
      </div>
    </>
  );
}

/** A wallet that sped a transaction up sent another one that does the same; only its owner knows which. */
function AnotherHash({ action }: { readonly action: Action }) {
  const [problem, set] = useState<Problem | null>(null);
  const last = action.steps.length - 1;
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget).get('hash');
    const txHash = typeof given === 'string' ? given.trim() : '';
    if (!isHex(txHash) || txHash.length !== 66) return set({ kind: 'REFUSED', said: 'A hash is 0x and 64 digits.' });
    const refused = await handIn(action, last, { txHash });
    if (!refused) amend(action.id, ({ hashes }) => ({ hashes: { ...hashes, [last]: txHash } }));
    return set(refused);
  };
  return (
    <form className="another" onSubmit={(event) => void submit(event)}>
      <label>
        <span>Hash of the transaction that made it after all</span>
        <input name="hash" autoComplete="off" spellCheck={false} placeholder="0x…" />
      </label>
      <button type="submit" className="button">
        Check it
      </button>
      {problem && (
        <Notice tone="bad">
          <p>{problem.said}</p>
        </Notice>
      )}
    </form>
  );
}
