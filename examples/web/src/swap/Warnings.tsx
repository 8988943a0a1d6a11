import { brief, wholeUnits } from '../ui/decimals';
import { Notice } from '../ui/Notice';
import type { Action } from './actions';
import type { Entry } from './journal';
import { useQuote } from './price';

const SAID: Record<string, string> = {
  RECEIVES_LESS: 'Tried out, less comes out than the price says: the token keeps a part of each transfer.',
  NOT_SIMULATED: 'No node could try this swap out. It is checked only when it is made.',
  OTHER_RECIPIENT: 'Somebody else than this wallet receives what is bought.',
  HIGH_SLIPPAGE: 'The price may move a lot before this swap fails.',
  PRICE_IMPACT: 'This swap moves the price against you by its own size.',
  OUTPUT_IS_AT_LEAST: 'A little more than the amount may come out.',
  LITTLE_GAS: 'Little ether is left for the network fee.',
};

/** What to know before signing, and whether the price has changed since it was shown. */
export function Warnings({ action, entry }: { readonly action: Action; readonly entry: Entry | undefined }) {
  const quote = useQuote(entry?.order ?? null);
  const gets = action.effects.find(({ minimum, account }) => account === action.account && !minimum.startsWith('-'));
  const minimum = gets ? BigInt(gets.minimum) : null;
  const shown = entry ? BigInt(entry.shownMinimum) : null;
  const now = quote.state === 'PRICED' ? BigInt(quote.price.amountOut.raw) : null;
  const tooLate = minimum !== null && now !== null && entry?.order.tradeType === 'EXACT_INPUT' && now < minimum;
  return (
    <>
      {tooLate && (
        <Notice tone="bad" title="The price has moved too far">
          <p>
            {`It would now bring ${brief(wholeUnits(now, gets?.token?.decimals ?? 0), 8)} ${gets?.token?.symbol ?? ''}, less than the least that this swap takes. Sent now, it would fail and cost its fee. Start again for a new price.`}
          </p>
        </Notice>
      )}
      {!tooLate && minimum !== null && shown !== null && minimum < shown && gets?.token && (
        <Notice tone="warn" title="The price changed while it was prepared">
          <p>{`You receive at least ${brief(wholeUnits(minimum, gets.token.decimals), 8)} ${gets.token.symbol}, not ${brief(wholeUnits(shown, gets.token.decimals), 8)}.`}</p>
        </Notice>
      )}
      {action.warnings.map(({ code, message }) => (
        <Notice key={code} tone="warn">
          <p>{SAID[code] ?? message}</p>
        </Notice>
      ))}
    </>
  );
}
