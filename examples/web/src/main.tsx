import '@fontsource/marcellus/latin-400.css';
import '@fontsource-variable/geist/wght.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/controls.css';
import './styles/frame.css';
import './styles/market.css';
import './styles/swap.css';
import './styles/under-way.css';
import './styles/sign-in.css';
import './styles/history.css';
import { ApolloProvider } from '@apollo/client/react';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { client, forgetStrangers } from './api/client';
import { introduceAnew } from './api/socket';
import { App } from './App';
import { followOtherTabs } from './session/session';
import { shareJournal } from './swap/journal';
import { applyTheme } from './ui/ThemeSwitch';
import { takeUp } from './wallet/connected';
import { discover } from './wallet/discovery';

applyTheme();
followOtherTabs();
shareJournal();
introduceAnew();
forgetStrangers();
takeUp();
discover();
// What is not built in is not in the file either: the condition is a constant.
if (__DEVELOPMENT_WALLET__)
  void import('./development-wallet/announce').then(({ announceDevelopmentWallet }) => announceDevelopmentWallet());

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <ApolloProvider client={client}>
      <App />
    </ApolloProvider>
  </StrictMode>,
);
