// Lays a brotli and a gzip form beside each file of the built page, so that the server only has to send them.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';

const page = join(import.meta.dirname, 'dist');
/** Below that, in bytes, there is nothing to gain. */
const worthIt = 1024;

for (const name of readdirSync(page, { recursive: true })) {
  // The document is different for every answer: it has a nonce in it.
  if (!/\.(js|css|svg)$/.test(name)) continue;
  const content = readFileSync(join(page, name));
  if (content.length < worthIt) continue;
  writeFileSync(join(page, `${name}.br`), brotliCompressSync(content));
  writeFileSync(join(page, `${name}.gz`), gzipSync(content, { level: 9 }));
}
