import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** What the compiler says of a module that stands beside the README, with this package in it. */
function problemsOf(source: string): string[] {
  const { config } = ts.readConfigFile(file('../tsconfig.json'), (path) => ts.sys.readFile(path)) as {
    config: { compilerOptions: { paths: object } };
  };
  const { options } = ts.convertCompilerOptionsFromJson(
    { ...config.compilerOptions, noEmit: true, paths: { ...config.compilerOptions.paths, '@collab/client': ['./src/index.ts'] } },
    file('..'),
  );
  const example = file('../example.ts');
  const host = ts.createCompilerHost(options);
  const original = ts.createCompilerHost(options);
  host.fileExists = (path) => path === example || original.fileExists(path);
  host.readFile = (path) => (path === example ? source : original.readFile(path));
  host.getSourceFile = (path, ...rest) =>
    path === example ? ts.createSourceFile(path, source, rest[0]) : original.getSourceFile(path, ...rest);
  const program = ts.createProgram([example], { ...options, pathsBasePath: file('..') }, host);
  return ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

const examples = [...readFileSync(file('../README.md'), 'utf8').matchAll(/```ts\n(.*?)```/gs)].map(([, text = '']) => text);
const [example = ''] = examples;

test('There are examples in the README', () => {
  expect(examples).toHaveLength(2);
  expect(example.length).toBeGreaterThan(300);
});

test.each(examples)(
  'The example in the README compiles: %#',
  (text) => {
    expect(problemsOf(text)).toEqual([]);
  },
  60_000,
);

test('An example that is wrong would not', () => {
  expect(problemsOf(example.replace('run.graft(', 'run.grafft('))).toEqual([expect.stringContaining('grafft')]);
}, 60_000);
