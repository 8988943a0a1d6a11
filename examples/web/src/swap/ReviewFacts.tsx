import type { MadeSwapFragment } from '../generated/graphql';
import { brief, wholeUnits } from '../ui/decimals';
import { TransactionHash } from '../ui/TransactionHash';
import type { Action } from './actions';

type Effect = Action['effects'][number];

interface Props {
  readonly action: Action;
  readonly made: MadeSwapFragment | null;
  readonly hash: string | undefined;
}

/** What the swap is to change; once it was made, what it changed. */
export function ReviewFacts({ action, made, hash }: Props) {
  const own = action.effects.filter(({ account }) => account === action.account);
  const pays = own.find(({ minimum }) => minimum.startsWith('-'));
  const gets = own.find(({ minimum }) => !minimum.startsWith('-'));
  const paid = made?.amountIn;
  const got = made?.amountOut;
  return (
    <dl className="facts review" aria-label="What it changes">
      {paid ? (
        <Fact name="You paid" value={`${brief(paid.amount, 8)} ${paid.token.symbol}`} />
      ) : (
        pays && <Fact name={mostOf(pays) === likelyOf(pays) ? 'You pay' : 'You pay at most'} value={amount(mostOf(pays), pays)} />
      )}
      {got ? (
        <Fact name="You received" value={`${brief(got.amount, 8)} ${got.token.symbol}`} strong />
      ) : (
        gets && (
          <>
            {gets.simulated && <Fact name="You receive about" value={amount(BigInt(gets.simulated), gets)} strong />}
            <Fact name="and at least" value={amount(BigInt(gets.minimum), gets)} />
          </>
        )
      )}
      {hash && (
        <div>
          <dt>Transaction</dt>
          <dd>
            <TransactionHash hash={hash} />
          </dd>
        </div>
      )}
    </dl>
  );
}

/** The most that is spent: effects count what is spent as negative. */
const mostOf = ({ minimum }: Effect): bigint => -BigInt(minimum);
const likelyOf = ({ simulated, maximum, minimum }: Effect): bigint => -BigInt(simulated ?? maximum ?? minimum);

function amount(raw: bigint, { token, tokenAddress }: Effect): string {
  return token ? `${brief(wholeUnits(raw, token.decimals), 8)} ${token.symbol}` : `${raw} units of ${tokenAddress}`;
}

function Fact({ name, value, strong }: { readonly name: string; readonly value: string; readonly strong?: boolean }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className={strong ? 'strong' : undefined}>{value}</dd>
    </div>
  );
}
