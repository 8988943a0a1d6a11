import { useEffect, useRef, useState } from 'react';
import type { Fields, WalletRequest } from './requests';

const TITLES: Record<WalletRequest['kind'], string> = {
  CONNECT: 'Show an account to this page?',
  MESSAGE: 'Sign this message?',
  TYPED_DATA: 'Sign this permission?',
  TRANSACTION: 'Send this transaction?',
};

interface Props {
  readonly request: WalletRequest;
  readonly answer: (chosen: number | null) => void;
}

/** What the wallet asks, above everything else. Escape declines. */
export function Sheet({ request, answer }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [chosen, choose] = useState(0);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} className="devwallet" aria-labelledby="devwallet-title" onCancel={() => answer(null)}>
      <p className="devwallet-tape">Development wallet · public keys · local chain only</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          answer(chosen);
        }}
      >
        <h2 id="devwallet-title">{TITLES[request.kind]}</h2>
        <p className="devwallet-origin">{location.host}</p>
        {request.kind === 'CONNECT' ? (
          <Accounts accounts={request.accounts} chosen={chosen} choose={choose} />
        ) : (
          <p className="devwallet-account">
            with <code>{request.account}</code>
          </p>
        )}
        {request.kind === 'MESSAGE' && (
          <pre tabIndex={0} role="region" aria-label="The message">
            {request.message}
          </pre>
        )}
        {request.kind === 'TYPED_DATA' && <Facts fields={[['Kind', request.primaryType], ...request.fields]} />}
        {request.kind === 'TRANSACTION' && <Facts fields={request.fields} />}
        {request.kind === 'TRANSACTION' && request.fails && (
          <p className="devwallet-fails" role="alert">
            <strong>It will probably fail:</strong> {request.fails}
          </p>
        )}
        <div className="devwallet-buttons">
          <button type="button" onClick={() => answer(null)}>
            Reject
          </button>
          <button type="submit" className="devwallet-approve">
            Approve
          </button>
        </div>
      </form>
    </dialog>
  );
}

function Facts({ fields }: { readonly fields: Fields }) {
  return (
    <div className="devwallet-facts" tabIndex={0} role="region" aria-label="What is signed">
      <dl>
        {fields.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

interface AccountsProps {
  readonly accounts: readonly string[];
  readonly chosen: number;
  readonly choose: (index: number) => void;
}

function Accounts({ accounts, chosen, choose }: AccountsProps) {
  return (
    <fieldset>
      <legend>Account</legend>
      {accounts.map((account, index) => (
        <label key={account}>
          <input type="radio" name="account" checked={index === chosen} onChange={() => choose(index)} />
          <span>{index}</span> <code>{`${account.slice(0, 10)}…${account.slice(-8)}`}</code>
        </label>
      ))}
    </fieldset>
  );
}
