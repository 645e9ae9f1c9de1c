import tailwindcss from '@tailwindcss/vite'
import { tanstackRouter } from '@tanstack/router-plugin/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

const ROUTER = /node_modules\/@tanstack\/(react-router|router-core|history|store|react-store)/
/** What the sign-in page has in common with the console. */
const OF_THE_DOOR =
  /src\/(api\/(client|deployment|freshness|liveness|problem|queryClient|session)|ui\/(pageTitle|readCode|useRoleName|Mark|Button|CopyButton|Field|Form|ProblemText|ProblemView|icons|problemWords|format\/(decimal|numbers|time|useFormat))|store)\.tsx?$/
/** Small things that every page inside begins with. */
const OF_THE_FRAME =
  /src\/(app\/(access|useSession|useRoom|useFundRoom|lastTenant|theme|frame\/(Swatch|useModulePages|destinations))|api\/(tenant|modulePages|members|imports|upload)|ui\/(toasts|useDebounced))\.tsx?$/
const OF_EVERY_PAGE =
  /node_modules\/(react|react-dom|scheduler|i18next|react-i18next|openapi-fetch|@tanstack\/(react-query|query-core))\//

export default defineConfig({
  plugins: [
    tanstackRouter({
      target: 'react',
      autoCodeSplitting: true,
      routesDirectory: './src/app/routes',
      generatedRouteTree: './src/app/routeTree.gen.ts',
      quoteStyle: 'single',
    }),
    react(),
    tailwindcss(),
  ],
  build: {
    // The first browsers with light-dark(); older targets would make the CSS compiler unroll every
    // colour token into two.
    target: ['chrome123', 'firefox120', 'safari17.5'],
    manifest: true,
    // The policy of the server has no `data:` for scripts and styles, and images are few.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        // A chunk for what every page needs, and not fifty: small files compress badly, and each
        // costs a request. What only tables or only the inside need stays in chunks of its own.
        codeSplitting: {
          groups: [
            { name: 'vendor', test: OF_EVERY_PAGE, priority: 2 },
            { name: 'router', test: ROUTER, priority: 1 },
            { name: 'base', test: OF_THE_DOOR, priority: 1 },
            { name: 'frame', test: OF_THE_FRAME },
            { name: 'inside', test: /src\/(api|ui\/(?!table|chart|Dialog|MoneyField|format\/parseAmount))/, minShareCount: 4 },
          ],
        },
      },
    },
  },
  server: { proxy: { '/v1': 'http://127.0.0.1:8080' } },
  test: {
    environment: 'node',
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: ['src/patience.ts'],
    // Only a test that fails waits so long, and a machine may be slow.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
})
