import { type FormEvent, useState } from 'react';
import { useStore } from '../api/store';
import type { Tokens } from '../market/tokens';
import { session } from '../session/session';
import { brief, wholeUnits } from '../ui/decimals';
import { Icon } from '../ui/Icon';
import { Notice } from '../ui/Notice';
import { go } from '../ui/route';
import { Skeleton } from '../ui/Skeleton';
import { remember } from './actions';
import { useBalances } from './balances';
import { amountOf, change, chooseToken, draft, orderOf, turn } from './draft';
import { note } from './journal';
import { usePreparing } from './preparing';
import { useQuote } from './price';
import { leastOut, QuoteFacts } from './QuoteFacts';
import { Tolerance } from './Tolerance';
import { TokenField } from './TokenField';

/** What to swap for what, its price, and the way to have it prepared. */
export function SwapForm({ tokens }: { readonly tokens: Tokens }) {
  const wanted = useStore(draft);
  const current = useStore(session);
  const account = current.state === 'IN' ? current.address : null;
  const tokenIn = tokens.list.find(({ address }) => address === wanted.tokenIn);
  const tokenOut = tokens.list.find(({ address }) => address === wanted.tokenOut);
  const amount = tokenIn && tokenOut ? amountOf(wanted, tokenIn, tokenOut) : null;
  const order = amount && 'raw' in amount && amount.raw > 0n ? orderOf(wanted, amount.raw) : null;
  const quote = useQuote(order);
  const balances = useBalances(account, wanted);
  const preparing = usePreparing();
  const [touched, touch] = useState(false);

  if (!tokenIn || !tokenOut) return tokens.error ? <Notice tone="bad">Tokens are not to be had just now.</Notice> : <Skeleton of="the swap" lines={5} />;

  const price = quote.state === 'PRICED' ? quote.price : null;
  const other = price ? (wanted.side === 'IN' ? price.amountOut : price.amountIn) : null;
  const otherText = other ? brief(wholeUnits(BigInt(other.raw), other.token.decimals)) : '';
  const pays = price ? BigInt(price.amountIn.raw) : null;
  const short = pays !== null && balances?.in !== undefined && balances.in < pays;
  const problem = amount && 'problem' in amount ? amount.problem : null;
  const ready = price && order && account && !short && preparing.now.state !== 'BUSY';

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    touch(true);
    if (!account) return go('/sign-in');
    if (!ready) return undefined;
    const action = await preparing.prepare({ swap: { order }, account, slippageBps: wanted.slippageBps });
    if (!action) return undefined;
    const paid = `${brief(wholeUnits(BigInt(price.amountIn.raw), tokenIn.decimals))} ${tokenIn.symbol}`;
    note({
      id: action.id,
      account,
      at: Date.now(),
      order,
      title: `${paid} for ${tokenOut.symbol}`,
      shownMinimum: leastOut(price, wanted).toString(),
      slippageBps: wanted.slippageBps,
      hashes: {},
      over: false,
    });
    remember(action);
    return go(`/swap/${action.id}`);
  };

  const field = (side: 'IN' | 'OUT') => ({
    side,
    tokens: tokens.list,
    token: side === 'IN' ? tokenIn : tokenOut,
    text: wanted.side === side ? wanted.text : otherText,
    waiting: wanted.side !== side && quote.state === 'LOADING',
    balance: side === 'IN' ? balances?.in : balances?.out,
    problem: wanted.side === side ? problem : null,
    write: (text: string) => change({ side, text }),
    choose: (token: `0x${string}`) => chooseToken(side, token),
  });

  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <h2 id="swap-title">Swap</h2>
      <TokenField {...field('IN')} label="You pay" short={short} />
      <div className="turn">
        <button type="button" className="round" onClick={turn} aria-label="Swap the other way round">
          <Icon name="swap" />
        </button>
      </div>
      <TokenField {...field('OUT')} label="You receive" />
      {quote.state === 'REFUSED' && <Notice tone="warn">{quote.said}</Notice>}
      {touched && !wanted.text && <Notice tone="calm">Write an amount first.</Notice>}
      {price && <QuoteFacts price={price} draft={wanted} fresh={quote.state === 'PRICED' && quote.fresh} />}
      <Tolerance />
      {preparing.now.state === 'REFUSED' && (
        <Notice tone="bad" title="Not prepared">
          <p>{preparing.now.said}</p>
        </Notice>
      )}
      <button type="submit" className="button primary wide" aria-disabled={Boolean(account && !ready)}>
        {label(account !== null, preparing.now.state === 'BUSY', short ? tokenIn.symbol : null)}
      </button>
      <p className="fine">Nothing is sent before you confirm it in your wallet.</p>
    </form>
  );
}

function label(isIn: boolean, busy: boolean, short: string | null): string {
  if (!isIn) return 'Sign in to swap';
  if (busy) return 'Preparing…';
  return short ? `Not enough ${short}` : 'Review swap';
}
