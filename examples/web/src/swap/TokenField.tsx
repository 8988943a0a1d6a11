import { useId } from 'react';
import type { Address } from 'viem';
import type { Token } from '../market/tokens';
import { brief, wholeUnits } from '../ui/decimals';
import { TokenDisc } from '../ui/TokenDisc';
import { payable } from './balances';

interface Props {
  readonly side: 'IN' | 'OUT';
  readonly label: string;
  readonly tokens: readonly Token[];
  readonly token: Token;
  readonly text: string;
  readonly waiting: boolean;
  readonly balance: bigint | undefined;
  readonly problem: string | null;
  readonly short?: boolean;
  readonly write: (text: string) => void;
  readonly choose: (token: Address) => void;
}

/** An amount and its token. */
export function TokenField({ side, label, tokens, token, text, waiting, balance, problem, short, write, choose }: Props) {
  const id = useId();
  const most = balance !== undefined ? payable(token.address, balance) : 0n;
  return (
    <div className="field" data-short={short || undefined}>
      <label htmlFor={id}>{label}</label>
      <div className="field-row">
        <input
          id={id}
          className={`amount${waiting ? ' waiting' : ''}${text.length > 8 ? ' long' : ''}`}
          inputMode="decimal"
          autoComplete="off"
          placeholder="0"
          maxLength={60}
          value={text}
          onChange={({ target }) => write(target.value)}
          aria-invalid={problem !== null || short || undefined}
          aria-describedby={`${id}-note`}
        />
        <span className="token-choice">
          <TokenDisc symbol={token.symbol} />
          <select
            value={token.address}
            onChange={({ target }) => choose(target.value as Address)}
            aria-label={side === 'IN' ? 'Token to pay with' : 'Token to receive'}
          >
            {tokens.map(({ address, symbol }) => (
              <option key={address} value={address}>
                {symbol}
              </option>
            ))}
          </select>
        </span>
      </div>
      <p id={`${id}-note`} className="field-note" data-problem={problem !== null || undefined}>
        {problem ?? (balance !== undefined ? `You hold ${brief(wholeUnits(balance, token.decimals))} ${token.symbol}` : token.name)}
        {side === 'IN' && most > 0n && (
          <button type="button" className="link" onClick={() => write(wholeUnits(most, token.decimals))}>
            Pay all of it
          </button>
        )}
      </p>
    </div>
  );
}
