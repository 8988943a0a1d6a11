import type { Address } from 'viem';
import { useStore } from '../api/store';
import { decimalsFor, fixed } from '../ui/decimals';
import { Skeleton } from '../ui/Skeleton';
import { TokenDisc } from '../ui/TokenDisc';
import { feed } from './feed';
import { change } from './geometry';
import { ETHER, type Token, USDC } from './tokens';

interface Props {
  readonly tokens: readonly Token[];
  readonly chosen: Address;
  readonly choose: (token: Address) => void;
}

/** Every token that a pool prices, to choose from. */
export function Markets({ tokens, chosen, choose }: Props) {
  const { series, block } = useStore(feed);
  const priced = tokens.filter(({ address }) => series[address] && address !== ETHER && address !== USDC);
  return (
    <div className="card markets" role="group" aria-label="Tokens">
      {block === null && !priced.length ? (
        <Skeleton of="tokens" lines={4} />
      ) : (
        priced.map((token) => {
          const points = series[token.address] ?? [];
          const price = points.at(-1)?.price ?? '0';
          const moved = change(points);
          return (
            <button
              key={token.address}
              type="button"
              className="market-row"
              aria-pressed={token.address === chosen}
              onClick={() => choose(token.address)}
            >
              <TokenDisc symbol={token.symbol} />
              <span className="market-name">
                {token.symbol}
                <span className="quiet">{token.name}</span>
              </span>
              <span className="market-price">
                {fixed(price, decimalsFor(price))}
                <span className={`moved moved-${moved.sign}`}>{moved.text}</span>
              </span>
            </button>
          );
        })
      )}
      {block !== null && !priced.length && <p className="quiet">No pool prices any of the well-known tokens.</p>}
    </div>
  );
}
