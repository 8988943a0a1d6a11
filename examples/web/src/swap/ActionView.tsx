import { useEffect } from 'react';
import { useStore } from '../api/store';
import { feed } from '../market/feed';
import { useNow } from '../market/liveness';
import { Icon } from '../ui/Icon';
import { Notice } from '../ui/Notice';
import { Link } from '../ui/route';
import { Skeleton } from '../ui/Skeleton';
import { countdown } from '../ui/times';
import { type Action, useAction } from './actions';
import { Columns } from './Columns';
import { Ended } from './Ended';
import { amend, type Entry, entryOf, journal } from './journal';
import { useMadeSwap } from './made';
import { ReviewFacts } from './ReviewFacts';
import { stageOf } from './stage';
import { Steps } from './Steps';
import { Warnings } from './Warnings';

/** A prepared swap: what it is to change, what is left to sign, and what became of it. */
export function ActionView({ id }: { readonly id: string }) {
  const { action, fault } = useAction(id);
  const entry = entryOf(useStore(journal), id);
  return (
    <>
      <div className="swap-head">
        <Link to="/swap" className="round" aria-label="Back to a new swap">
          <Icon name="back" />
        </Link>
        <h2 id="swap-title">{entry ? entry.title : 'Your swap'}</h2>
      </div>
      {fault && (
        <Notice tone={fault.kind === 'OFFLINE' ? 'warn' : 'bad'} title="Not up to date">
          <p>{fault.said}</p>
        </Notice>
      )}
      {action === undefined && !fault && <Skeleton of="the swap" lines={6} />}
      {action === null && (
        <Notice tone="warn" title="No such swap">
          <p>It belongs to another account, or was never prepared.</p>
        </Notice>
      )}
      {action && <Known action={action} entry={entry} />}
    </>
  );
}

function Known({ action, entry }: { readonly action: Action; readonly entry: Entry | undefined }) {
  const head = useStore(feed).block;
  const now = useNow();
  const last = action.steps.at(-1);
  const hash = last ? entry?.hashes[last.index] : undefined;
  const made = useMadeSwap(action, hash);
  const stage = stageOf(action, made?.block ? Number(made.block.number) : null, head);
  const left = Date.parse(action.expiresAt) - now;
  const waits = action.status === 'AWAITING_USER';
  useEffect(() => {
    if (entry && entry.over !== stage.over) amend(action.id, () => ({ over: stage.over }));
  }, [action.id, entry, stage.over]);
  return (
    <>
      <Columns standing={stage.columns} failed={action.status === 'FAILED'} over={stage.over} />
      <div className={`stage stage-${stage.tone}`} role="status" data-testid="stage" data-status={action.status} data-revision={action.revision}>
        <Icon name={stage.icon} />
        <div>
          <p className="stage-title">{stage.title}</p>
          <p>{stage.said}</p>
        </div>
      </div>
      <ReviewFacts action={action} made={made} hash={hash} />
      {waits && <Warnings action={action} entry={entry} />}
      {!stage.over && <Steps action={action} entry={entry} />}
      {waits && (
        <p className="fine" data-testid="left" role="timer">
          {left > 0 ? `Good for another ${countdown(left)}` : 'The time to send this swap is over.'}
        </p>
      )}
      {stage.over && <Ended action={action} />}
    </>
  );
}
