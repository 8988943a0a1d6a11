import { useStore } from '../api/store';
import { session } from '../session/session';
import { Icon } from '../ui/Icon';
import { Notice } from '../ui/Notice';
import { Link } from '../ui/route';
import { connected } from '../wallet/connected';
import { Reconnect } from '../wallet/Reconnect';
import type { Action, Step } from './actions';
import type { Entry } from './journal';
import { useCarrying } from './carrying';

/** What is left for the user to do, one after the other. */
export function Steps({ action, entry }: { readonly action: Action; readonly entry: Entry | undefined }) {
  const wallet = useStore(connected);
  const { state } = useStore(session);
  const carrying = useCarrying(action, entry);
  const ready = action.steps.find(({ status }) => status === 'READY');
  const isOwn = wallet?.account === action.account;
  const sent = ready ? entry?.hashes[ready.index] : undefined;
  return (
    <>
      <ol className="steps" aria-label="Steps">
        {action.steps.map((step) => (
          <StepRow key={step.index} step={step} asking={carrying.busy === 'WALLET' && step === ready} />
        ))}
      </ol>
      {carrying.problem && (
        <Notice tone={carrying.problem.kind === 'REJECTED' ? 'calm' : 'bad'} icon={carrying.problem.kind === 'REJECTED' ? 'undo' : undefined}>
          <p>{carrying.problem.said}</p>
        </Notice>
      )}
      {state === 'OUT' && (
        <Notice tone="warn" title="Signed out">
          <p>
            <Link to="/sign-in">Sign in again</Link> to go on; this swap waits.
          </p>
        </Notice>
      )}
      {state === 'IN' && ready && !isOwn && <Reconnect account={action.account} />}
      {state === 'IN' && ready && isOwn && (
        <div className="step-buttons">
          <button type="button" className="button primary wide" aria-disabled={carrying.busy !== null} onClick={() => void carrying.carry(ready)}>
            {carrying.busy === 'WALLET' ? 'Confirm in your wallet…' : carrying.busy === 'PROOF' ? 'Checking…' : verb(ready, sent !== undefined)}
          </button>
          {sent !== undefined && carrying.problem?.kind === 'REFUSED' && (
            <button type="button" className="button wide" onClick={() => carrying.sendAnew(ready)}>
              Send it anew
            </button>
          )}
          {sent === undefined && carrying.busy === null && (
            <button type="button" className="link" onClick={() => void carrying.callOff()}>
              Call it off
            </button>
          )}
        </div>
      )}
    </>
  );
}

function verb(step: Step, sent: boolean): string {
  if (sent) return 'Hand in what was sent';
  return step.__typename === 'SendCallsStep' ? 'Send from your wallet' : 'Sign in your wallet';
}

const SAID: Record<string, string> = {
  WAITING: 'Comes next',
  READY: 'For you to confirm',
  SUBMITTED: 'Sent',
  DONE: 'Done',
  FAILED: 'Failed',
  SKIPPED: 'Not needed',
};

function StepRow({ step, asking }: { readonly step: Step; readonly asking: boolean }) {
  return (
    <li className={`step step-${step.status.toLowerCase()}`}>
      <span className="step-dot">
        {step.status === 'DONE' ? <Icon name="check" size={14} /> : step.status === 'FAILED' ? <Icon name="cross" size={14} /> : step.index + 1}
      </span>
      <span>{step.title}</span>
      <span className="quiet">{asking ? 'In your wallet' : (SAID[step.status] ?? step.status)}</span>
    </li>
  );
}
