import type { ReactNode } from 'react';
import { Icon, type IconName } from './Icon';

export type Tone = 'calm' | 'good' | 'warn' | 'bad';

const ICONS: Record<Tone, IconName> = { calm: 'clock', good: 'check', warn: 'warn', bad: 'cross' };

interface Props {
  readonly tone: Tone;
  readonly title?: string | undefined;
  readonly icon?: IconName | undefined;
  readonly children?: ReactNode;
}

/** Something to know. What went wrong is announced at once, the rest when it suits. */
export function Notice({ tone, title, icon, children }: Props) {
  return (
    <div className={`notice notice-${tone}`} role={tone === 'bad' ? 'alert' : 'status'}>
      <Icon name={icon ?? ICONS[tone]} />
      <div>
        {title && <p className="notice-title">{title}</p>}
        {children}
      </div>
    </div>
  );
}
