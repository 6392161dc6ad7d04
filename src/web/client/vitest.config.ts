import { defineConfig } from 'vitest/config';

// eslint-disable-next-line no-restricted-syntax -- vitest asks for it
export default defineConfig({ test: { include: ['test/**/*.test.ts'], environment: 'node', testTimeout: 30_000 } });
