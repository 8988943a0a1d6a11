import { useState } from 'react';
import type { Address } from 'viem';
import { faultOf } from '../api/faults';
import { useStore } from '../api/store';
import { brief, decimalsFor, fixed } from '../ui/decimals';
import { Notice } from '../ui/Notice';
import { Skeleton } from '../ui/Skeleton';
import { feed } from './feed';
import { change } from './geometry';
import { Markets } from './Markets';
import { PriceChart } from './PriceChart';
import { PriceStatus } from './PriceStatus';
import { type Tokens, WETH } from './tokens';

/** What tokens are worth now, and since this page was opened. */
export function Market({ tokens }: { readonly tokens: Tokens }) {
  const { series, quote, refused } = useStore(feed);
  const [chosen, choose] = useState<Address>(WETH);
  const token = tokens.list.find(({ address }) => address === chosen);
  const points = series[chosen] ?? [];
  const last = points.at(-1);
  const moved = change(points);
  return (
    <section className="market" aria-labelledby="market-title">
      <div className="card chart-card">
        <div className="quote-head">
          <div>
            <h2 id="market-title" className="pair">
              {token ? token.name : 'Market'}
              {token && <span className="pair-symbols">{`${token.symbol} in ${quote}`}</span>}
            </h2>
            {last ? (
              <p className="price" data-testid="price">
                {fixed(last.price, decimalsFor(last.price))}
                <span className={`moved moved-${moved.sign}`}>
                  {moved.text}
                  <span className="unseen"> since this page was opened</span>
                </span>
              </p>
            ) : (
              <Skeleton of="the price" lines={1} />
            )}
          </div>
          <PriceStatus />
        </div>
        {tokens.error || refused ? (
          <Notice tone="bad" title="Prices are not to be had just now">
            <p>{faultOf(tokens.error ?? refused).said}</p>
            {tokens.error ? (
              <button type="button" className="button" onClick={tokens.refetch}>
                Try again
              </button>
            ) : null}
          </Notice>
        ) : null}
        <PriceChart points={points} symbol={token?.symbol ?? ''} quote={quote} />
        {last && (
          <p className="chart-note">
            A column is a block; its foot is not zero, but the lowest price of the scale. The price is that of the deepest pool; a single swap can move it.
            {points.length < 3 && ' Columns rise as blocks arrive.'}
            <span className="unseen">{` Now ${brief(last.price)} ${quote}.`}</span>
          </p>
        )}
      </div>
      <Markets tokens={tokens.list} chosen={chosen} choose={choose} />
    </section>
  );
}
