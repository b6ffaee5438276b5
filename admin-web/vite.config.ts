import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Where `npm run dev` finds a running stack: `SLUICE_URL=http://127.0.0.1:8787 npm run dev -w admin-web`. */
const stackUrl = process.env['SLUICE_URL'] ?? 'http://127.0.0.1:8787';

/** Writes are refused from a foreign origin, so the proxy speaks with the stack's own. */
const stack = { target: stackUrl, changeOrigin: true, headers: { origin: stackUrl } };

export default defineConfig({
  plugins: [react()],
  build: {
    target: 'es2023',
    // The console's policy is script-src 'self': nothing may be inlined into index.html or turned into data: scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            // What every page needs and what changes only when a dependency does: one file that stays cached.
            {
              name: 'framework',
              test: /node_modules[\\/](react|react-dom|scheduler|@tanstack|i18next|react-i18next|zod)[\\/]/,
            },
            // What most pages share; what few pages use travels with those.
            { name: 'shared', minShareCount: 20, minSize: 10_000 },
          ],
        },
      },
    },
  },
  server: {
    host: '127.0.0.1',
    proxy: {
      '/api': stack,
      '/v1': stack,
      '/v1beta': stack,
      '/cc': stack,
      '/images': stack,
      '/health': stack,
      '/public-api': stack,
    },
  },
});
