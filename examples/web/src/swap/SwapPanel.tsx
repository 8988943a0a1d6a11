import type { Tokens } from '../market/tokens';
import { ErrorBoundary } from '../ui/ErrorBoundary';
import { ActionView } from './ActionView';
import { SwapForm } from './SwapForm';

/** A swap: being written, or, where there is an `actionId`, being carried out. */
export function SwapPanel({ tokens, actionId }: { readonly tokens: Tokens; readonly actionId: string | null }) {
  return (
    <ErrorBoundary of="The swap">
      <section className="card swap" aria-labelledby="swap-title">
        {actionId ? <ActionView key={actionId} id={actionId} /> : <SwapForm tokens={tokens} />}
      </section>
    </ErrorBoundary>
  );
}
