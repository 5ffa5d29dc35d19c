import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

const server = process.env.INSULA_SERVER ?? 'http://127.0.0.1:8080'
// The server compares Origin with its own address, so the proxy speaks in the server's name.
const toServer = { target: server, changeOrigin: true, headers: { origin: server } }
// What the server sends with every page, so that what it forbids is found here.
const policy = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; frame-ancestors 'none'; base-uri 'self'; form-action 'self'; object-src 'none'"
const proxy = { '/api': toServer, '/login': toServer }

export default defineConfig({
  base: '/ui/',
  plugins: [vue()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  define: { __VUE_I18N_LEGACY_API__: false, __VUE_PROD_DEVTOOLS__: false, __INTLIFY_PROD_DEVTOOLS__: false },
  build: {
    outDir: 'dist',
    target: 'es2022',
    // The largest chunks are the editor and the charts, which load on demand; tests/budget.e2e.mjs watches what loads first.
    chunkSizeWarningLimit: 5000,
    // The content security policy of the server allows no inline script, and a data: font only saves a request.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: 'manifest.json',
  },
  server: { proxy },
  preview: { proxy, headers: { 'Content-Security-Policy': policy } },
  test: { environment: 'happy-dom', include: ['src/**/*.test.ts', 'tests/unit/**/*.test.ts'], restoreMocks: true },
})
