import { fixed } from '../ui/decimals';
import { timeOfDay } from '../ui/times';
import type { Point } from './feed';

const SHOWN = 12;

/** The newest prices in words and numbers. */
export function PriceTable({ points, quote, decimals }: { points: readonly Point[]; quote: string; decimals: number }) {
  if (!points.length) return null;
  return (
    <details className="price-table">
      <summary>As a table</summary>
      <div className="scroll" tabIndex={0} role="region" aria-label="Prices by block">
        <table>
          <thead>
            <tr>
              <th scope="col">Block</th>
              <th scope="col">Time</th>
              <th scope="col">{quote}</th>
            </tr>
          </thead>
          <tbody>
            {points
              .slice(-SHOWN)
              .reverse()
              .map(({ block, at, price }) => (
                <tr key={block}>
                  <td>{block.toLocaleString('en')}</td>
                  <td>{timeOfDay(at)}</td>
                  <td>{fixed(price, decimals)}</td>
                </tr>
              ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
