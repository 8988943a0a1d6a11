// Amounts stay strings and BigInts: a number of JavaScript would lose digits. Only what is drawn becomes a number.

export type Parsed = { readonly raw: bigint } | { readonly problem: string };

/** What somebody typed, in atomic units, to the last one. A comma may stand for the point, as some keyboards have it. */
export function parseAmount(text: string, decimals: number): Parsed {
  const typed = text.trim();
  if (/^\d{1,3}([,' ]\d{3})+([.,]\d*)?$/.test(typed)) return { problem: 'Leave out thousands separators.' };
  const match = /^(\d*)(?:[.,](\d*))?$/.exec(typed);
  const [, whole = '', fraction = ''] = match ?? [];
  if (!match || !(whole + fraction)) return { problem: 'Write an amount, such as 1.5.' };
  if (whole.length > 30) return { problem: 'This amount is too large.' };
  const digits = fraction.replace(/0+$/, '');
  if (digits.length > decimals) return { problem: `This token has ${decimals} decimals at most.` };
  return { raw: BigInt(whole + digits.padEnd(decimals, '0')) };
}

/** Atomic units in whole units, exactly, without idle zeros. */
export function wholeUnits(raw: bigint, decimals: number): string {
  const sign = raw < 0n ? '−' : '';
  const digits = (raw < 0n ? -raw : raw).toString().padStart(decimals + 1, '0');
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '');
  const whole = digits.slice(0, digits.length - decimals);
  return sign + whole + (decimals && fraction ? `.${fraction}` : '');
}

const grouped = (whole: string) => whole.replace(/\B(?=(\d{3})+$)/g, ',');

/**
 * A decimal for the eye: cut, never rounded up, after `digits` significant digits, thousands apart. No digit before
 * the point is cut.
 */
export function brief(decimal: string, digits = 6): string {
  const [, sign = '', whole = '0', fraction = ''] = /^([-−]?)(\d+)(?:\.(\d+))?$/.exec(decimal) ?? [];
  const significant = whole === '0' ? (/^0*/.exec(fraction)?.[0].length ?? 0) + digits : Math.max(digits - whole.length, 0);
  const shown = fraction.slice(0, whole === '0' ? significant : Math.max(significant, 2)).replace(/0+$/, '');
  return (sign ? '−' : '') + grouped(whole) + (shown ? `.${shown}` : '');
}

/** The same with a fixed number of decimals, for columns of numbers and for what changes in place. */
export function fixed(decimal: string, decimals: number): string {
  const [whole = '0', fraction = ''] = decimal.split('.');
  return grouped(whole) + (decimals ? `.${fraction.slice(0, decimals).padEnd(decimals, '0')}` : '');
}

/** How many decimals show a price of this size well: about six digits, two at least. */
export function decimalsFor(price: string): number {
  const [whole = '0', fraction = ''] = price.split('.');
  if (whole !== '0') return Math.max(2, 6 - whole.length);
  return Math.min((/^0*/.exec(fraction)?.[0].length ?? 0) + 4, 18);
}

/** Basis points as per cent. */
export function perCent(bps: string | number): string {
  const [whole = '0', fraction = ''] = String(bps).split('.');
  const digits = whole.padStart(3, '0') + fraction.padEnd(2, '0');
  const point = Math.max(whole.length, 3) - 2;
  const decimal = `${digits.slice(0, point)}.${digits.slice(point, point + 2)}`;
  return decimal === '0.00' && /[1-9]/.test(digits) ? '< 0.01 %' : `${decimal} %`;
}

/** What is left after a tolerance in basis points, rounded down. */
export function lessBps(raw: bigint, bps: number): bigint {
  return (raw * BigInt(10_000 - bps)) / 10_000n;
}

/** What it may come to with a tolerance in basis points, rounded up. */
export function moreBps(raw: bigint, bps: number): bigint {
  return (raw * BigInt(10_000 + bps) + 9_999n) / 10_000n;
}
