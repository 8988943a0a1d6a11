import type { ComponentProps, MouseEvent } from 'react';
import { useSyncExternalStore } from 'react';

export type Path = '/' | '/swap' | '/history' | '/sign-in' | `/swap/${string}`;

const CHANGED = 'colonnade:route';

/** The path of the page. */
export function usePath(): string {
  return useSyncExternalStore(follow, () => location.pathname);
}

function follow(listener: () => void): () => void {
  window.addEventListener('popstate', listener);
  window.addEventListener(CHANGED, listener);
  return () => {
    window.removeEventListener('popstate', listener);
    window.removeEventListener(CHANGED, listener);
  };
}

export function go(path: Path, { replace = false } = {}): void {
  if (location.pathname === path) return;
  history[replace ? 'replaceState' : 'pushState'](null, '', path);
  window.dispatchEvent(new Event(CHANGED));
  window.scrollTo(0, 0);
}

/** A link within the page; opened elsewhere it is a link like any other. */
export function Link({ to, ...props }: { readonly to: Path } & Omit<ComponentProps<'a'>, 'href' | 'onClick'>) {
  const follow = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0) return;
    event.preventDefault();
    go(to);
  };
  return <a href={to} onClick={follow} {...props} />;
}
