import { useStore } from '../api/store';
import type { MadeSwapFragment } from '../generated/graphql';
import { journal } from '../swap/journal';
import { brief } from '../ui/decimals';
import { Icon } from '../ui/Icon';
import { Link } from '../ui/route';
import { dayAndTimeOf } from '../ui/times';
import { TransactionHash } from '../ui/TransactionHash';

const FINALITY: Record<string, string> = {
  PRECONFIRMED: 'About to be in a block',
  CONFIRMED: 'In a block',
  SAFE: 'Safe',
  FINALIZED: 'Final',
};

type Amount = MadeSwapFragment['amountIn'];

/** A swap that was made. */
export function SwapRow({ swap }: { readonly swap: MadeSwapFragment }) {
  const begun = useStore(journal).find(({ hashes }) => Object.values(hashes).includes(swap.transactionHash));
  const { block } = swap;
  return (
    <li className="made">
      <p className="made-amounts">
        <span>{shown(swap.amountIn)}</span>
        <Icon name="arrow" size={16} />
        <span className="unseen">for</span>
        <span className="strong">{shown(swap.amountOut)}</span>
      </p>
      <p className="made-block">
        {block ? (
          <>
            <time dateTime={block.timestamp}>{dayAndTimeOf(Date.parse(block.timestamp))}</time>
            <span className="quiet">{`Block ${Number(block.number).toLocaleString('en')}`}</span>
          </>
        ) : (
          'Not yet certain'
        )}
      </p>
      <p className={`finality finality-${(block?.finality ?? 'none').toLowerCase()}`}>
        {block ? (FINALITY[block.finality] ?? block.finality) : 'Waiting'}
      </p>
      <p className="made-links">
        <TransactionHash hash={swap.transactionHash} />
        {begun && (
          <Link to={`/swap/${begun.id}`} aria-label={`Steps of ${begun.title}`}>
            Steps
          </Link>
        )}
      </p>
    </li>
  );
}

const shown = (amount: Amount): string => (amount ? `${brief(amount.amount)} ${amount.token.symbol}` : 'a token that does not describe itself');
