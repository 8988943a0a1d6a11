import { useEffect } from 'react';
import { History } from './history/History';
import { followPrices } from './market/feed';
import { Market } from './market/Market';
import { type Tokens, useTokens } from './market/tokens';
import { SignIn } from './session/SignIn';
import { SwapPanel } from './swap/SwapPanel';
import { ErrorBoundary } from './ui/ErrorBoundary';
import { Frame } from './ui/Frame';
import { Link, usePath } from './ui/route';

/** The page: its frame, and the view that its path names. */
export function App() {
  const path = usePath();
  const tokens = useTokens();
  const followed = tokens.list.map(({ address }) => address).join();
  useEffect(() => (followed ? followPrices(followed.split(',') as `0x${string}`[]) : undefined), [followed]);
  return (
    <Frame path={path}>
      <ErrorBoundary key={path} of="This view">
        <View path={path} tokens={tokens} />
      </ErrorBoundary>
    </Frame>
  );
}

function View({ path, tokens }: { readonly path: string; readonly tokens: Tokens }) {
  const [, first = '', second = null] = path.split('/');
  switch (first) {
    case '':
    case 'swap':
      // A desk shows both; a phone the one that the path names.
      return (
        <div className="trade" data-shows={first === '' ? 'market' : 'swap'}>
          <h1 className="unseen">{first === '' ? 'Market' : 'Swap'}</h1>
          <ErrorBoundary of="The market">
            <Market tokens={tokens} />
          </ErrorBoundary>
          <SwapPanel tokens={tokens} actionId={second} />
        </div>
      );
    case 'history':
      return <History />;
    case 'sign-in':
      return <SignIn />;
    default:
      return (
        <section className="card empty">
          <h1 className="display small">Nothing stands here</h1>
          <Link to="/" className="button primary">
            To the market
          </Link>
        </section>
      );
  }
}
