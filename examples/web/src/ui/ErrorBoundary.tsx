import { Component, type ReactNode } from 'react';
import { Notice } from './Notice';

interface Props {
  /** What of the page this is, as in "The market". */
  readonly of: string;
  readonly children: ReactNode;
}

/** Keeps a fault of one part of the page from taking the others with it. */
export class ErrorBoundary extends Component<Props, { readonly failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    if (!this.state.failed) return this.props.children;
    return (
      <section className="card">
        <Notice tone="bad" title={`${this.props.of} could not be shown`}>
          <p>This is a fault of this page; nothing was signed or sent.</p>
          <button type="button" className="button" onClick={() => this.setState({ failed: false })}>
            Show it again
          </button>
        </Notice>
      </section>
    );
  }
}
