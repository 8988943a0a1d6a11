import { useEffect } from 'react';
import { useStore } from '../api/store';
import { Notice } from '../ui/Notice';
import { go } from '../ui/route';
import { wallets } from '../wallet/discovery';
import { Colonnade } from './Colonnade';
import { type Ended, session } from './session';
import { signIn, type SigningIn, signingIn } from './signing_in';

const ENDED: Partial<Record<Ended, string>> = {
  EXPIRED: 'Your session has ended. Sign in again to go on.',
  REUSED: 'Your session was ended for safety: its key was used twice. Sign in again.',
  ELSEWHERE: 'You signed out in another tab.',
};

const BUSY: Partial<Record<SigningIn['state'], string>> = {
  CONNECTING: 'Choose an account in your wallet.',
  SIGNING: 'Sign the message in your wallet. It moves no funds.',
  CHECKING: 'Checking the signature.',
};

/** The way in: the wallets that this browser has. */
export function SignIn() {
  const found = useStore(wallets);
  const now = useStore(signingIn);
  const current = useStore(session);
  const busy = BUSY[now.state];
  useEffect(() => {
    if (current.state === 'IN') go('/swap', { replace: true });
  }, [current]);
  return (
    <section className="sign-in" aria-labelledby="sign-in-title">
      <div className="sign-in-words">
        <h1 id="sign-in-title" className="display">
          Trade on Base.
          <br />
          Keep your keys.
        </h1>
        <p className="lead">
          Your wallet signs a message to show who you are. It costs nothing, moves nothing, and the key never leaves it.
        </p>
        {current.state === 'OUT' && current.why && ENDED[current.why] && <Notice tone="calm">{ENDED[current.why]}</Notice>}
        <div className="wallets">
          {found.map((wallet) => (
            <button
              key={wallet.rdns}
              type="button"
              className="wallet"
              disabled={Boolean(busy)}
              onClick={() => void signIn(wallet)}
            >
              {wallet.icon && <img src={wallet.icon} alt="" width="32" height="32" />}
              <span>{`Continue with ${wallet.name}`}</span>
            </button>
          ))}
        </div>
        {!found.length && (
          <Notice tone="calm" title="No wallet in this browser" icon="wallet">
            <p>Install a wallet for Base, or open this page in your wallet’s own browser. It appears here by itself.</p>
          </Notice>
        )}
        <div aria-live="polite">{busy && <p className="busy">{busy}</p>}</div>
        {now.state === 'FAILED' && (
          <Notice tone={now.declined ? 'calm' : 'bad'} icon={now.declined ? 'undo' : undefined}>
            <p>{now.said}</p>
          </Notice>
        )}
      </div>
      <Colonnade />
    </section>
  );
}
