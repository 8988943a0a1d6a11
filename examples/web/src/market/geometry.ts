// The chart is a colonnade: a column for each block, as high as the price; where blocks were missed, a column is missing.
import type { Point } from './feed';

export interface Column {
  readonly point: Point;
  /** In pixels from the left and from the top. */
  readonly x: number;
  readonly y: number;
  /** How many blocks before this one were not heard of. */
  readonly missed: number;
}

export interface Drawing {
  readonly columns: readonly Column[];
  readonly pitch: number;
  /** How many columns there is room for. */
  readonly slots: number;
  /** Prices at which a line is drawn, with their place; the first is where the columns stand, which is not zero. */
  readonly lines: readonly { readonly y: number; readonly price: number }[];
}

const PITCH = 12;
const HEADROOM = 0.18;
const FLAT = 0.0008;

/** What fits into `width` by `height` pixels, the newest at the right. */
export function draw(points: readonly Point[], width: number, height: number): Drawing {
  const slots = Math.floor(width / PITCH);
  if (slots < 1) return { columns: [], pitch: PITCH, slots: 0, lines: [] };
  const pitch = width / slots;
  const placed: { point: Point; slot: number; missed: number }[] = [];
  let slot = slots;
  for (let index = points.length - 1; index >= 0; index -= 1) {
    const point = points[index] as Point;
    const after = points[index + 1];
    const missed = after ? after.block - point.block - 1 : 0;
    slot -= missed > 0 ? 2 : 1;
    if (slot < 0) break;
    const last = placed[0];
    if (last && missed > 0) placed[0] = { ...last, missed };
    placed.unshift({ point, slot, missed: 0 });
  }
  const prices = placed.map(({ point }) => Number(point.price));
  const [low, high] = [Math.min(...prices), Math.max(...prices)];
  const pad = Math.max((high - low) * HEADROOM, high * FLAT);
  const [bottom, top] = [low - pad * 2, high + pad];
  const y = (price: number) => height - ((price - bottom) / (top - bottom)) * height;
  return {
    columns: placed.map(({ point, slot: at, missed }) => ({ point, missed, x: at * pitch, y: y(Number(point.price)) })),
    pitch,
    slots,
    lines: prices.length ? [0, 0.3, 0.6, 0.9].map((share) => bottom + (top - bottom) * share).map((price) => ({ price, y: y(price) })) : [],
  };
}

/** The change over the points in per cent, with its sign. */
export function change(points: readonly Point[]): { readonly sign: -1 | 0 | 1; readonly text: string } {
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last) return { sign: 0, text: '0.00 %' };
  const share = (Number(last.price) / Number(first.price) - 1) * 100;
  const text = Math.abs(share).toFixed(2);
  if (text === '0.00') return { sign: 0, text: '0.00 %' };
  return share > 0 ? { sign: 1, text: `+${text} %` } : { sign: -1, text: `−${text} %` };
}
