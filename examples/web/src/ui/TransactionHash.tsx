import { useState } from 'react';
import { Icon } from './Icon';

/** The hash in short, and a button that copies all of it. */
export function TransactionHash({ hash }: { readonly hash: string }) {
  const [copied, set] = useState(false);
  const copy = () =>
    void navigator.clipboard.writeText(hash).then(
      () => set(true),
      () => set(false),
    );
  return (
    <span className="hash">
      <code title={hash}>{`${hash.slice(0, 8)}…${hash.slice(-6)}`}</code>
      <button type="button" className="round small" onClick={copy} aria-label={`Copy the transaction hash ${hash.slice(0, 8)}`}>
        <Icon name={copied ? 'check' : 'copy'} size={16} />
      </button>
      <span className="unseen" role="status">
        {copied ? 'Copied' : ''}
      </span>
    </span>
  );
}
