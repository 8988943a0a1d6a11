import { expect, test } from '@playwright/test';
import type { Action } from '../src/swap/actions';
import { stageOf } from '../src/swap/stage';
import { sentence } from '../src/api/sentences';
import { countdown } from '../src/ui/times';
import { brief, decimalsFor, fixed, lessBps, moreBps, parseAmount, perCent, wholeUnits } from '../src/ui/decimals';
import { walletRefusal } from '../src/wallet/refusals';
import { draw } from '../src/market/geometry';

test('amounts are exact to the last unit, however large', () => {
  expect(parseAmount('1.5', 18)).toEqual({ raw: 1_500_000_000_000_000_000n });
  expect(parseAmount('0.1', 18)).toEqual({ raw: 100_000_000_000_000_000n });
  expect(parseAmount('123456789012345678901.000000000000000001', 18)).toEqual({ raw: 123456789012345678901000000000000000001n });
  expect(parseAmount('.5', 6)).toEqual({ raw: 500_000n });
  expect(parseAmount('5.', 6)).toEqual({ raw: 5_000_000n });
  expect(parseAmount('1,5', 6)).toEqual({ raw: 1_500_000n });
  expect(parseAmount(' 7 ', 0)).toEqual({ raw: 7n });
  expect(parseAmount('1.500000', 1)).toEqual({ raw: 15n });
});

test('what is no amount is refused with a sentence', () => {
  for (const text of ['', '.', '1e5', '-1', '0x10', '1.2.3', 'one', '١', '1_000', 'NaN', 'Infinity'])
    expect(parseAmount(text, 18), text).toEqual({ problem: 'Write an amount, such as 1.5.' });
  for (const text of ['1,000', '1,000.5', "1'000", '12 345'])
    expect(parseAmount(text, 18), text).toEqual({ problem: 'Leave out thousands separators.' });
  expect(parseAmount('0.1234567', 6)).toEqual({ problem: 'This token has 6 decimals at most.' });
  expect(parseAmount('9'.repeat(31), 6)).toEqual({ problem: 'This amount is too large.' });
});

test('units written out and read again are the same, for a thousand of them', () => {
  let state = 7n;
  const lost: unknown[] = [];
  for (let count = 0; count < 1_000; count += 1) {
    state = (state * 6364136223846793005n + 1442695040888963407n) % 2n ** 64n;
    const decimals = Number(state % 19n);
    const raw = state >> (state % 60n);
    const again = parseAmount(wholeUnits(raw, decimals), decimals);
    if (!('raw' in again) || again.raw !== raw) lost.push([raw, decimals]);
  }
  expect(lost).toEqual([]);
});

test('tolerances round against the user, so that what is shown is kept', () => {
  expect(lessBps(1_000_001n, 50)).toBe(995_000n);
  expect(moreBps(1_000_001n, 50)).toBe(1_005_002n);
  expect(lessBps(1n, 1)).toBe(0n);
  expect(moreBps(1n, 1)).toBe(2n);
});

test('numbers for the eye are cut, never rounded up', () => {
  expect(brief('2503.019064')).toBe('2,503.01');
  expect(brief('0.480081999')).toBe('0.480081');
  expect(brief('0.0000000415699', 3)).toBe('0.0000000415');
  expect(brief('985839957.997932')).toBe('985,839,957.99');
  expect(brief('1.000000')).toBe('1');
  expect(brief('-1200.5')).toBe('−1,200.5');
  expect(fixed('2498.7', 2)).toBe('2,498.70');
  expect(decimalsFor('100080.7')).toBe(2);
  expect(decimalsFor('0.9998')).toBe(4);
  expect([perCent('2'), perCent('12.3456'), perCent('0.0123'), perCent('10000'), perCent('0'), perCent(50)]).toEqual([
    '0.02 %', '0.12 %', '< 0.01 %', '100.00 %', '0.00 %', '0.50 %',
  ]);
  expect(countdown(1_199_000)).toBe('19:59');
  expect(countdown(-5)).toBe('0:00');
});

test('the chart has a column for each block, and a gap where blocks were missed', () => {
  const point = (block: number, price: string) => ({ block, at: block * 1000, price });
  const { columns, slots, pitch, lines } = draw([point(1, '10'), point(2, '12'), point(7, '11')], 120, 100);
  expect(columns.map(({ point: { block }, x }) => [block, Math.round(x / pitch)])).toEqual([[1, slots - 4], [2, slots - 3], [7, slots - 1]]);
  expect(columns.map(({ missed }) => missed)).toEqual([0, 0, 4]);
  expect(columns[1]?.y).toBeLessThan(columns[2]?.y ?? 0);
  expect(columns[2]?.y).toBeLessThan(columns[0]?.y ?? 0);
  expect(lines[0]).toMatchObject({ y: 100 }); // where they stand is named, for it is not zero
  expect(lines[0]?.price).toBeGreaterThan(9);
  expect(draw([], 120, 100).columns).toEqual([]);
  expect(draw([point(1, '1')], 0, 100).columns).toEqual([]);
});

const action = (status: string, more: Partial<Action> = {}): Action =>
  ({ __typename: 'PreparedAction', id: 'act_1', status, revision: 0, steps: [], effects: [], warnings: [], failure: null, ...more }) as unknown as Action;

test('every state of a swap has a rendering of its own', () => {
  const failed = (code: string) => action('FAILED', { failure: { code, message: 'it did so', retryable: false } });
  const stages = [
    action('AWAITING_USER'),
    action('SUBMITTED'),
    action('SUBMITTED', { revision: 1 }),
    action('CONFIRMED'),
    action('FINALIZED'),
    failed('REVERTED'),
    failed('REPLACED'),
    failed('PROOF_ALREADY_USED'),
    failed('PAID_TOO_MUCH'),
    action('EXPIRED'),
    action('CANCELLED'),
    action('TELEPORTED'),
  ].map((each) => stageOf(each, null, null));
  expect(new Set(stages.map(({ title }) => title)).size).toBe(stages.length);
  expect(stages.filter(({ over }) => over)).toHaveLength(7);
  expect(stageOf(action('CONFIRMED'), 12, 15).said).toMatch(/^4 blocks hold it/);
});

test('refusals are sentences, of codes and wallets that nobody knows yet too', () => {
  expect(sentence({ code: 'INSUFFICIENT_BALANCE', message: 'x' })).toBe('Your wallet does not hold enough for this swap.');
  expect(sentence({ code: 'NO_ROUTE', message: 'x', reason: 'NO_POOL' })).toBe('No pool trades these two tokens.');
  expect(sentence({ code: 'MOON_IN_THE_WAY', message: 'the moon is in the way' })).toBe('The server says: the moon is in the way.');
  expect(sentence({ code: 'constructor', message: '' })).toBe('Something went wrong. Try again.');
  expect(walletRefusal({ code: 4001 }).kind).toBe('REJECTED');
  expect(walletRefusal({ code: -32003, message: 'Insufficient funds for gas * price + value' }).kind).toBe('FUNDS');
  expect([{ code: 4902 }, { code: 4900 }, { code: -32002 }, null, 'no'].map((error) => walletRefusal(error).kind)).toEqual(['CHAIN', 'AWAY', 'BUSY', 'OTHER', 'OTHER']);
});
