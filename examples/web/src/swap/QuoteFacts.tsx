import { brief, lessBps, moreBps, perCent, wholeUnits } from '../ui/decimals';
import type { Draft } from './draft';
import type { Price } from './price';

const NAMES: Record<string, string> = { 'uniswap-v2': 'Uniswap v2', 'uniswap-v3': 'Uniswap v3' };
const NOTABLE_BPS = 100;
const GRAVE_BPS = 500;

/** The least that comes out with the tolerance of the draft, in atomic units. */
export const leastOut = ({ amountOut }: Price, { side, slippageBps }: Draft): bigint =>
  side === 'IN' ? lessBps(BigInt(amountOut.raw), slippageBps) : BigInt(amountOut.raw);

/** What the price is made of. */
export function QuoteFacts({ price, draft, fresh }: { readonly price: Price; readonly draft: Draft; readonly fresh: boolean }) {
  const { amountIn, amountOut, priceImpactBps, gas, route, block } = price;
  const impact = Number(priceImpactBps);
  const grade = impact >= GRAVE_BPS ? 'bad' : impact >= NOTABLE_BPS ? 'warn' : 'calm';
  const most = moreBps(BigInt(amountIn.raw), draft.slippageBps);
  const hops = [amountIn.token.symbol, ...route.map(({ amountOut: out }) => out.token.symbol)];
  return (
    <dl className={fresh ? 'facts' : 'facts renewing'} aria-label="Price">
      <div>
        <dt>Price</dt>
        <dd>{`1 ${amountIn.token.symbol} = ${brief(price.price)} ${amountOut.token.symbol}`}</dd>
      </div>
      <div>
        <dt>{draft.side === 'IN' ? 'You receive at least' : 'You pay at most'}</dt>
        <dd className="strong" data-testid="bound">
          {draft.side === 'IN'
            ? `${brief(wholeUnits(leastOut(price, draft), amountOut.token.decimals), 8)} ${amountOut.token.symbol}`
            : `${brief(wholeUnits(most, amountIn.token.decimals), 8)} ${amountIn.token.symbol}`}
        </dd>
      </div>
      <div>
        <dt>Price impact</dt>
        <dd className={`grade-${grade}`}>
          {perCent(priceImpactBps)}
          {grade === 'bad' && ' – this swap moves the price a lot'}
        </dd>
      </div>
      <div>
        <dt>Network fee</dt>
        <dd>{`about ${brief(gas.total.amount, 3)} ${gas.total.token.symbol}`}</dd>
      </div>
      <div>
        <dt>Route</dt>
        <dd>
          {hops.join(' → ')}
          <span className="quiet">
            {[...new Set(route.map(({ pool }) => `${NAMES[pool.protocol] ?? pool.protocol}, ${perCent(pool.feeBps)}`))].join(' · ')}
          </span>
        </dd>
      </div>
      <div>
        <dt>As of</dt>
        <dd>{`block ${Number(block.number).toLocaleString('en')}, renewed with each`}</dd>
      </div>
    </dl>
  );
}
