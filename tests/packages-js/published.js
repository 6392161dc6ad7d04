import assert from 'node:assert/strict';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { packages } from './kit/packages.js';

// What is in the packages, and what they say of themselves.

const read = (name, file) => execFileSync('tar', ['-xzOf', packages.files[name], `package/${file}`], { encoding: 'utf8' });
const descriptionOf = (name) => JSON.parse(read(name, 'package.json'));

for (const name of ['client', 'angular']) {
  test(`${name}: publint has nothing to say`, async () => {
    const data = readFileSync(packages.files[name]);
    const { messages, pkg } = await publint({
      pack: { tarball: data.buffer.slice(data.byteOffset, data.byteOffset + data.length) },
      strict: true,
    });
    assert.deepEqual(
      messages.map((message) => formatMessage(message, pkg, { color: false })),
      [],
    );
  });

  test(`${name}: its types are what is there, however they are resolved`, async () => {
    const { problems, types } = await checkPackage(createPackageFromTarballData(new Uint8Array(readFileSync(packages.files[name]))));
    assert.equal(types && types.kind, 'included');
    // There are modules only: `require` gets them on Node 20.19 and later, and TypeScript before 4.7 does not look into `exports`.
    const expected = (problem) => problem.kind === 'CJSResolvesToESM' || problem.resolutionKind === 'node10';
    assert.deepEqual(
      problems.filter((problem) => !expected(problem)),
      [],
    );
  });

  test(`${name}: it has its licence, says what it is, and its page has no link that leads nowhere`, () => {
    const description = descriptionOf(name);
    for (const field of ['name', 'version', 'description', 'license', 'author', 'keywords'])
      assert.ok(description[field]?.length > 0, field);
    assert.equal(description.sideEffects, false);
    assert.equal(description.scripts, undefined);
    assert.equal(description.devDependencies, undefined);
    assert.match(read(name, 'LICENSE'), /MIT License/);
    assert.deepEqual(read(name, 'README.md').match(/\]\((?!https:|#)[^)]*\)/g), null);
  });
}

test('The versions go together, and are those of the NuGet packages', () => {
  const { version } = descriptionOf('client');
  const properties = readFileSync(new URL('../../Directory.Build.props', import.meta.url), 'utf8');
  assert.ok(properties.includes(`<Version>${version}</Version>`));
  assert.equal(descriptionOf('angular').version, version);
  assert.equal(descriptionOf('angular').peerDependencies['@collab/client'], `^${version}`);
});

test('They bring nothing that they do not need', () => {
  assert.deepEqual(Object.keys(descriptionOf('client').dependencies), ['@microsoft/signalr', 'ws']);
  assert.deepEqual(Object.keys(descriptionOf('angular').dependencies), ['tslib']);
});
