import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const server = process.env.SOUK_URL ?? 'http://127.0.0.1:4600';

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: 'dist',
    target: 'es2023',
    // One file per page and hashed names: the server may tell browsers to keep everything under /assets for ever.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 400,
  },
  server: {
    host: '127.0.0.1',
    port: 4610,
    proxy: {
      '/api': { target: server, changeOrigin: false },
      '/media': { target: server },
      '/call': { target: server },
      '/data': { target: server },
    },
  },
});
