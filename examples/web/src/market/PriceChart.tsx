import { useRef, useState } from 'react';
import { decimalsFor, fixed } from '../ui/decimals';
import { timeOfDay } from '../ui/times';
import { useWidth } from '../ui/useWidth';
import type { Point } from './feed';
import { change, type Column, draw } from './geometry';
import { PriceTable } from './PriceTable';

interface Props {
  readonly points: readonly Point[];
  readonly symbol: string;
  readonly quote: string;
}

const HEIGHT = 260;
const MARGIN = 76;

/** Prices as a row of columns, to be read by eye, finger, arrow keys, or as a table. */
export function PriceChart({ points, symbol, quote }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const width = Math.max(0, useWidth(frame) - MARGIN);
  const { columns, pitch, slots, lines } = draw(points, width, HEIGHT);
  const [read, setRead] = useState<number | null>(null);
  const at = columns.find(({ point }) => point.block === read) ?? columns.at(-1);
  const decimals = decimalsFor(points.at(-1)?.price ?? '0');
  const reading = (column: Column) =>
    `Block ${column.point.block.toLocaleString('en')}, ${timeOfDay(column.point.at)}: ${fixed(column.point.price, decimals)} ${quote}`;
  return (
    <figure className="chart">
      <div ref={frame} className="chart-frame">
        <svg width="100%" height={HEIGHT + 8} aria-hidden="true" focusable="false">
          <defs>
            <linearGradient id="shaft" x1="0" y1="0" x2="0" y2="1">
              <stop offset="0" className="shaft-top" />
              <stop offset="1" className="shaft-foot" />
            </linearGradient>
          </defs>
          {lines.map(({ y, price }) => (
            <g key={y} className="chart-line">
              <line x1="0" x2={width} y1={y} y2={y} />
              <text x={width + 10} y={y + 4}>
                {fixed(price.toFixed(decimals), decimals)}
              </text>
            </g>
          ))}
          {columns.map((column) => (
            <Shaft key={column.point.block} column={column} pitch={pitch} isRead={column === at && read !== null} />
          ))}
          {Array.from({ length: slots }, (_, slot) => (
            <rect key={slot} className="plinth" x={slot * pitch + 2.5} y={HEIGHT - 3} width={pitch - 5} height="3" />
          ))}
          <line className="stylobate" x1="0" x2={width} y1={HEIGHT + 1} y2={HEIGHT + 1} />
          {at && <line className="chart-now" x1={at.x + pitch} x2={width} y1={at.y} y2={at.y} />}
        </svg>
        {at && columns.length > 1 && (
          <input
            type="range"
            className="chart-reader"
            style={{ left: columns[0]?.x, width: width - (columns[0]?.x ?? 0) }}
            min={0}
            max={columns.length - 1}
            value={columns.indexOf(at)}
            aria-label={`${symbol} price by block`}
            aria-valuetext={reading(at)}
            onChange={({ target }) => setRead(columns[Number(target.value)]?.point.block ?? null)}
            onPointerMove={({ nativeEvent }) => {
              const x = nativeEvent.offsetX + (columns[0]?.x ?? 0);
              const nearest = columns.filter((column) => column.x <= x).at(-1);
              setRead(nearest?.point.block ?? null);
            }}
            onPointerLeave={() => setRead(null)}
            onBlur={() => setRead(null)}
          />
        )}
      </div>
      <figcaption>
        <span className="chart-reading" aria-hidden="true">
          {at ? reading(at) : '\u00a0'}
        </span>
        <span className="unseen">{summary(points, symbol, quote)}</span>
      </figcaption>
      <PriceTable points={points} quote={quote} decimals={decimals} />
    </figure>
  );
}

function Shaft({ column: { x, y, missed }, pitch, isRead }: { column: Column; pitch: number; isRead: boolean }) {
  const wide = pitch - 2;
  return (
    <g className={isRead ? 'shaft shaft-read' : 'shaft'}>
      {missed > 0 && <path className="missed" d={`M${x - pitch / 2 - 1} ${HEIGHT - 6}v3m-3 -3v3m6 -3v3`} />}
      <rect className="shaft-body" x={x + 2.5} y={y} width={Math.max(1, wide - 3)} height={Math.max(0, HEIGHT - y)} />
      <rect className="capital" x={x + 1} y={y - 1.5} width={wide} height="3" rx="0.5" />
    </g>
  );
}

function summary(points: readonly Point[], symbol: string, quote: string): string {
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last) return 'There are no prices yet.';
  const prices = points.map(({ price }) => Number(price));
  return (
    `${symbol} in ${quote} over ${points.length} blocks, ${first.block} to ${last.block}: now ${last.price}, ` +
    `${change(points).text}, between ${Math.min(...prices)} and ${Math.max(...prices)}.`
  );
}
