import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { contentPolicy } from './content_policy.ts';
import { api, developmentChain } from './development_server.ts';

// `npm run dev` and the mode `laptop` hold the development wallet; what `npm run build` makes for others does not.
export default defineConfig(({ command, mode, isPreview }) => {
  const laptop = command === 'serve' || mode === 'laptop';
  const proxy = command === 'serve' || isPreview ? api() : {};
  return {
    define: { __DEVELOPMENT_WALLET__: JSON.stringify(laptop) },
    plugins: [react(), developmentChain(), contentPolicy()],
    server: { proxy, host: 'localhost', port: Number(process.env['WEB_PORT'] ?? 5173) },
    preview: { proxy, host: 'localhost', port: Number(process.env['WEB_PORT'] ?? 4173) },
    build: { target: 'es2023', emptyOutDir: true, chunkSizeWarningLimit: 800 },
  };
});
