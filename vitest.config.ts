import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Native inference threads and test workers share the cores.
    pool: 'forks',
    poolOptions: { forks: { maxForks: 2, minForks: 1 } },
    projects: [
      { extends: true, test: { name: 'node', include: ['test/unit/**/*.test.{ts,tsx}', 'test/engine/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 120_000 } },
      // In a browser, and packages; the first time VS Code is fetched.
      { extends: true, test: { name: 'ui', include: ['test/ui/**/*.test.ts', 'test/package/*.test.ts'], testTimeout: 60_000, hookTimeout: 300_000 } },
    ],
  },
});
