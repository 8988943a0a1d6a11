// Injects the development wallet as an extension would: announced (EIP-6963), asked by events, with a window of its own.
import { createRoot } from 'react-dom/client';
import { developmentProvider } from './provider';
import type { WalletRequest } from './requests';
import { Sheet } from './Sheet';
import './wallet.css';

const INFO = {
  uuid: '6e0f6a3c-8f0e-4f5e-9a57-0c0ffee0da7a',
  name: 'Development wallet',
  rdns: 'example.colonnade.development',
  icon: `data:image/svg+xml,${encodeURIComponent(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#d9a514"/><path d="M0 26 26 0h6v4L4 32H0zM20 32 32 20v10l-2 2z" fill="#221c10"/></svg>',
  )}`,
};

export function announceDevelopmentWallet(): void {
  const place = document.body.appendChild(document.createElement('div'));
  const root = createRoot(place);
  let count = 0;
  const ask = (request: WalletRequest) =>
    new Promise<number | null>((resolve) => {
      const answer = (chosen: number | null) => {
        root.render(null);
        resolve(chosen);
      };
      count += 1;
      root.render(<Sheet key={count} request={request} answer={answer} />);
    });
  const detail = Object.freeze({ info: Object.freeze(INFO), provider: developmentProvider(ask) });
  const announce = () => window.dispatchEvent(new CustomEvent('eip6963:announceProvider', { detail }));
  window.addEventListener('eip6963:requestProvider', announce);
  announce();
}
