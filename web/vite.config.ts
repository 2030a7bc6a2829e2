import { defineConfig } from 'vite'

// One script and one style sheet with fixed names: what is embedded in the server has no hash in its name, the server
// gives it an ETag.
export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
    rolldownOptions: {
      output: {
        entryFileNames: 'assets/graftline.js',
        chunkFileNames: 'assets/[name].js',
        assetFileNames: 'assets/graftline[extname]',
      },
    },
  },
  server: { proxy: { '/api': process.env.GRAFTLINE ?? 'http://127.0.0.1:8080' } },
})
