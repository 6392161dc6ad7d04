// Prints what the client adds to a page: bundled and minified by esbuild, as it is and compressed.
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

async function sizeOf(external) {
  const { outputFiles } = await build({
    entryPoints: ['dist/index.js'],
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    platform: 'browser',
    external,
    write: false,
    logLevel: 'error',
  });
  const code = outputFiles[0].contents;
  return { minified: code.length, gzip: gzipSync(code, { level: 9 }).length };
}

for (const [name, external] of [
  ['@collab/client alone', ['@microsoft/signalr']],
  ['with @microsoft/signalr', []],
]) {
  const { minified, gzip } = await sizeOf(external);
  console.log(`${name.padEnd(24)} ${String(minified).padStart(7)} bytes minified ${String(gzip).padStart(7)} bytes gzip`);
}
