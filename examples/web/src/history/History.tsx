import { useQuery } from '@apollo/client/react';
import { useState } from 'react';
import type { Address } from 'viem';
import { faultOf } from '../api/faults';
import { useStore } from '../api/store';
import { SwapsDocument } from '../generated/graphql';
import { session } from '../session/session';
import { Notice } from '../ui/Notice';
import { Link } from '../ui/route';
import { Skeleton } from '../ui/Skeleton';
import { SwapRow } from './SwapRow';
import { Unfinished } from './Unfinished';

const PAGE = 8;

/** The swaps of whoever is signed in. */
export function History() {
  const current = useStore(session);
  return (
    <section className="history" aria-labelledby="history-title">
      <h1 id="history-title" className="display small">
        History
      </h1>
      {current.state === 'IN' ? (
        <>
          <Unfinished account={current.address} />
          <Made account={current.address} />
        </>
      ) : (
        <div className="card empty">
          <p>Sign in to see the swaps of your wallet.</p>
          <Link to="/sign-in" className="button primary">
            Sign in
          </Link>
        </div>
      )}
    </section>
  );
}

function Made({ account }: { readonly account: Address }) {
  const { data, error, fetchMore, refetch } = useQuery(SwapsDocument, {
    variables: { account, first: PAGE },
    fetchPolicy: 'cache-and-network',
  });
  const [loading, setLoading] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const edges = data?.swaps?.edges;
  const { hasNextPage = false, endCursor = null } = data?.swaps?.pageInfo ?? {};
  const more = async () => {
    setLoading(true);
    setFault(null);
    try {
      await fetchMore({ variables: { after: endCursor } });
    } catch (reason) {
      setFault(faultOf(reason).said);
    }
    setLoading(false);
  };
  const said = fault ?? (error ? faultOf(error).said : null);
  return (
    <section className="card" aria-label="Swaps on the chain" aria-busy={loading}>
      {!edges && !error && <Skeleton of="your swaps" lines={6} />}
      {edges && !edges.length && (
        <div className="empty">
          <p>No swaps yet. The first one appears here a moment after a block holds it.</p>
          <Link to="/swap" className="button primary">
            Make a swap
          </Link>
        </div>
      )}
      {edges && edges.length > 0 && (
        <ol className="made-list">
          {edges.map(({ node }) => (
            <SwapRow key={node.id} swap={node} />
          ))}
        </ol>
      )}
      {said && (
        <Notice tone="bad">
          <p>{said}</p>
          <button type="button" className="button" onClick={() => void (fault ? more() : refetch().catch(() => {}))}>
            Try again
          </button>
        </Notice>
      )}
      {hasNextPage && (
        <button type="button" className="button wide" aria-disabled={loading} onClick={() => void (loading || more())}>
          {loading ? 'Loading…' : 'Load more'}
        </button>
      )}
      {edges && edges.length > 0 && !hasNextPage && <p className="fine">That is all there is.</p>}
    </section>
  );
}
