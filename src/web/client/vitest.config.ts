import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const sources = fileURLToPath(new URL('src/', import.meta.url));

// eslint-disable-next-line no-restricted-syntax -- vitest asks for it
export default defineConfig({
  resolve: { alias: { '#socket': `${sources}socket.node.ts` } },
  test: { include: ['test/**/*.test.ts'], environment: 'node', testTimeout: 30_000 },
});
