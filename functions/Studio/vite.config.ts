import { defineConfig } from 'vite';

export default defineConfig({
  // The page is served at /, its files at /studio/.
  base: '/studio/',
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact' },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // Nothing inline: the content security policy allows files only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  // For work on the page: npm run dev, beside ./imagic up.
  server: { host: '127.0.0.1', proxy: { '/api': 'http://127.0.0.1:7071' } },
});
