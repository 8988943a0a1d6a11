import { useStore } from '../api/store';
import { feed } from './feed';
import { type Liveness, useLiveness } from './liveness';

const SAID: Record<Liveness, string> = {
  WAITING: 'Connecting',
  LIVE: 'Live',
  QUIET: 'No new block',
  RECONNECTING: 'Reconnecting',
  OFFLINE: 'Offline',
};

/** Whether prices are live, and of which block. */
export function PriceStatus() {
  const { block } = useStore(feed);
  const { state, silence } = useLiveness();
  const old = state !== 'LIVE' && state !== 'WAITING' && silence > 0;
  return (
    <p className={`liveness liveness-${state.toLowerCase()}`} data-testid="liveness">
      <span className="liveness-said" role="status">
        {SAID[state]}
      </span>
      {old && <span className="quiet">{`for ${silence} s`}</span>}
      {block !== null && <span className="quiet">{`Block ${block.toLocaleString('en')}`}</span>}
    </p>
  );
}
