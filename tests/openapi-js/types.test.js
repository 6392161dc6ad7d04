import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import openapiTS, { astToString } from 'openapi-typescript';
import typescript from 'typescript';
import { startApplication } from './application.js';

let application;
let folder;

before(async () => {
  application = await startApplication();
  const cache = fileURLToPath(new URL('node_modules/.cache/', import.meta.url));
  mkdirSync(cache, { recursive: true });
  folder = mkdtempSync(join(cache, 'types-'));
  // Fails if the document is no OpenAPI: it is validated first.
  writeFileSync(join(folder, 'api.ts'), astToString(await openapiTS(new URL('/openapi/v1.json', application.address))));
});

after(async () => {
  if (folder) rmSync(folder, { recursive: true, force: true });
  await application?.close();
});

/** What the compiler says of a page that uses the generated types. */
function compile(source) {
  const file = join(folder, 'page.ts');
  writeFileSync(file, `import type { components, operations } from './api.js';\ntype Schemas = components['schemas'];\n${source}`);
  const program = typescript.createProgram([file], {
    strict: true,
    noEmit: true,
    exactOptionalPropertyTypes: true,
    module: typescript.ModuleKind.NodeNext,
    moduleResolution: typescript.ModuleResolutionKind.NodeNext,
    target: typescript.ScriptTarget.ES2022,
    types: [],
  });
  return typescript.getPreEmitDiagnostics(program).map((d) => typescript.flattenDiagnosticMessageText(d.messageText, '\n'));
}

test('the types of the application compile, and say what its data is', () => {
  assert.deepEqual(
    compile(`
      const finished: Schemas['StepFinished'] = { stepId: 'PM', duration: 5, outcome: 'Failed', artifacts: [{ name: 'report', address: null }] };
      const duration: number = finished.duration;
      const graft: Schemas['Graft'] = { after: 'PM', agentName: 'scanner' };
      const flag: Schemas['Flag'] = { stepId: 'PM', note: null };
      const body: Schemas['PublishRequest'] = { eventType: 'STEP_FINISHED', data: finished };
      type Body = NonNullable<operations['Publish']['requestBody']>['content']['application/json'];
      const sent: Body = { eventType: 'TYPING', data: { stepId: 'PM', isTyping: true }, messageId: null };
      const state: Schemas['RunState'] = {
        asOfSequence: 1, grafts: {}, prunedSteps: [], flags: {}, progress: { done: 1, failed: 0, lastStep: 'PM' },
        latest: { COMMENT: { PM: { data: { stepId: 'PM', text: 'why?' }, userId: 'ben', sequenceNumber: 1 } } },
      };
      const done: number | undefined = state.progress?.done;
      const text: string | undefined = state.latest?.COMMENT?.['PM']?.data.text;
      export default [duration, graft, flag, body, sent, done, text];
    `),
    [],
  );
});

for (const [what, line] of [
  ['a field that is missing', `const finished: Schemas['StepFinished'] = { stepId: 'PM' };`],
  ['a field of another type', `const finished: Schemas['StepFinished'] = { stepId: 'PM', duration: '5' };`],
  ['a value that there is not', `const finished: Schemas['StepFinished'] = { stepId: 'PM', duration: 5, outcome: 'Vanished' };`],
  ['data of another type of event', `const body: Schemas['PublishRequest'] = { eventType: 'GRAFT', data: { stepId: 'PM', isTyping: true } };`],
  ['a type of event that there is not', `const body: Schemas['PublishRequest'] = { eventType: 'NOTHING', data: {} };`],
]) {
  test(`the compiler refuses ${what}`, () => {
    assert.equal(compile(`${line}\nexport default 0;`).length, 1);
  });
}
