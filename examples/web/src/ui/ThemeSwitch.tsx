import { useState } from 'react';
import { keep, kept } from '../api/storage';
import { Icon } from './Icon';

type Theme = 'light' | 'dark';

const KEPT = 'colonnade.theme';
const storage = () => localStorage;

/** Shows the page in the theme that was chosen here before; else in the system's. */
export function applyTheme(): void {
  const chosen = kept(storage, KEPT);
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset['theme'] = chosen;
}

const current = (): Theme =>
  (document.documentElement.dataset['theme'] as Theme | undefined) ??
  (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');

export function ThemeSwitch() {
  const [theme, set] = useState(current);
  const other = theme === 'dark' ? 'light' : 'dark';
  const change = () => {
    document.documentElement.dataset['theme'] = other;
    keep(storage, KEPT, other);
    set(other);
  };
  return (
    <button type="button" className="round" onClick={change} aria-label={`Use the ${other} theme`}>
      <Icon name={theme === 'dark' ? 'sun' : 'moon'} />
    </button>
  );
}
