import { useRef } from 'react';
import { useStore } from '../api/store';
import { Icon } from '../ui/Icon';
import { Link } from '../ui/route';
import { connected } from '../wallet/connected';
import { session } from './session';
import { signOut } from './signing_in';

/** Who is signed in, and the way out; for strangers the way in. */
export function AccountMenu() {
  const current = useStore(session);
  const wallet = useStore(connected);
  const menu = useRef<HTMLDivElement>(null);
  if (current.state === 'OUT')
    return (
      <Link to="/sign-in" className="button primary small">
        Sign in
      </Link>
    );
  const leave = (everywhere: boolean) => {
    menu.current?.hidePopover();
    void signOut(everywhere);
  };
  return (
    <>
      <button type="button" className="account" popoverTarget="account-menu" aria-label={`Account ${short(current.address)}`}>
        <span className="account-dot" data-away={wallet?.account !== current.address} />
        <code>{short(current.address)}</code>
      </button>
      <div ref={menu} id="account-menu" popover="auto" className="menu" role="group" aria-label="Account">
        <p>
          Signed in as <code className="whole">{current.address}</code>
        </p>
        <p className="quiet">
          {wallet?.account === current.address
            ? `with ${wallet.wallet.name}`
            : 'Your wallet is not connected, or shows another account.'}
        </p>
        <button type="button" className="menu-item" onClick={() => leave(false)}>
          <Icon name="out" /> Sign out
        </button>
        <button type="button" className="menu-item" onClick={() => leave(true)}>
          <Icon name="out" /> Sign out on all devices
        </button>
      </div>
    </>
  );
}

const short = (address: string) => `${address.slice(0, 6)}…${address.slice(-4)}`;
