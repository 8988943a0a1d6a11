import { type ReactNode, useEffect, useRef } from 'react';
import { AccountMenu } from '../session/AccountMenu';
import { Icon, type IconName } from './Icon';
import { Mark } from './Mark';
import { Link, type Path } from './route';
import { ThemeSwitch } from './ThemeSwitch';

const VIEWS: readonly { readonly to: Path; readonly name: string; readonly icon: IconName }[] = [
  { to: '/', name: 'Market', icon: 'market' },
  { to: '/swap', name: 'Swap', icon: 'swap' },
  { to: '/history', name: 'History', icon: 'history' },
];

const isIn = (path: string, to: Path) => (to === '/' ? path === '/' : path === to || path.startsWith(`${to}/`));

/** What is around every view: the name of the house, the ways through it, and who is here. */
export function Frame({ path, children }: { readonly path: string; readonly children: ReactNode }) {
  const main = useRef<HTMLElement>(null);
  const shown = useRef(path);
  useEffect(() => {
    document.title = `${VIEWS.find(({ to }) => isIn(path, to))?.name ?? 'Sign in'} · Colonnade`;
    // A reader of screens goes on where the new view begins.
    if (shown.current !== path) main.current?.focus({ preventScroll: true });
    shown.current = path;
  }, [path]);
  return (
    <>
      <a className="skip" href="#main">
        Skip to the view
      </a>
      <header className="frame-head">
        <Link to="/" className="brand">
          <Mark />
          <span>Colonnade</span>
        </Link>
        <nav aria-label="Views">
          {VIEWS.map(({ to, name, icon }) => (
            <Link key={to} to={to} aria-current={isIn(path, to) ? 'page' : undefined}>
              <Icon name={icon} />
              <span>{name}</span>
            </Link>
          ))}
        </nav>
        <div className="frame-tools">
          <ThemeSwitch />
          <AccountMenu />
        </div>
      </header>
      <main ref={main} id="main" tabIndex={-1}>
        {children}
      </main>
    </>
  );
}
