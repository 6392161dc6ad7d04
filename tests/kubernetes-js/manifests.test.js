import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import typescript from 'typescript';
import { parse, parseAllDocuments } from 'yaml';

// Kubernetes' API as types, made of the schema that it publishes: what is misspelt, missing or of another kind is a compiler's error.
const types = {
  ServiceAccount: 'core/v1',
  Namespace: 'core/v1',
  Service: 'core/v1',
  Deployment: 'apps/v1',
  Job: 'batch/v1',
  Ingress: 'networking/v1',
  NetworkPolicy: 'networking/v1',
  PodDisruptionBudget: 'policy/v1',
  HorizontalPodAutoscaler: 'autoscaling/v2',
};
const manifests = fileURLToPath(new URL('../../infra/kubernetes/', import.meta.url));
const folder = fileURLToPath(new URL('node_modules/.cache/manifests/', import.meta.url));

before(() => mkdirSync(folder, { recursive: true }));
after(() => rmSync(folder, { recursive: true, force: true }));

const objectsOf = (file) =>
  parseAllDocuments(readFileSync(join(manifests, file), 'utf8'), { strict: true, uniqueKeys: true }).map((document) => {
    assert.deepEqual(document.errors, []);
    return document.toJS();
  });

/** What the compiler says of objects, each written as a literal of its type. */
function complaintsOf(objects) {
  const lines = objects.map((object, i) => {
    assert.ok(types[object.kind], `no type is known for ${object.kind}`);
    // Wrong is a compiler's error too; missing is not, and would be the server's.
    assert.ok(object.apiVersion && object.metadata, `${object.kind} has no version, or no name`);
    return `import type { ${object.kind} as T${i} } from 'kubernetes-types/${types[object.kind]}';\nexport const o${i}: T${i} = ${JSON.stringify(object)};`;
  });
  const file = join(folder, 'objects.ts');
  writeFileSync(file, lines.join('\n'));
  const program = typescript.createProgram([file], {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    module: typescript.ModuleKind.ESNext,
    moduleResolution: typescript.ModuleResolutionKind.Bundler,
    target: typescript.ScriptTarget.ES2022,
    types: [],
  });
  return typescript.getPreEmitDiagnostics(program).map((d) => typescript.flattenDiagnosticMessageText(d.messageText, '\n'));
}

const listed = parse(readFileSync(join(manifests, 'kustomization.yaml'), 'utf8')).resources;

for (const file of [...listed, 'migrate.yaml']) {
  test(`${file} is as Kubernetes' schema has it`, () => assert.deepEqual(complaintsOf(objectsOf(file)), []));
}

test('each object that is applied is of another name', () => {
  const names = listed.flatMap(objectsOf).map((object) => `${object.kind}/${object.metadata.name}`);
  assert.equal(new Set(names).size, names.length);
});

// A check that cannot fail checks nothing.
const wrong = [
  ['a key that is misspelt, deep inside', /readinesProbe/, (d) => Object.assign(d.spec.template.spec.containers[0], { readinesProbe: {} })],
  ['a selector that is missing', /selector/, (d) => delete d.spec.selector],
  ['a version that there is not', /apps\/v1/, (d) => Object.assign(d, { apiVersion: 'apps/v1beta1' })],
  ['a number as a text', /not assignable to type 'number'/, (d) => Object.assign(d.spec, { minReadySeconds: '10' })],
  ['a text as a number', /not assignable to type 'string'/, (d) => Object.assign(d.spec.template.spec.containers[0].env[1], { value: 8080 })],
];
for (const [what, complaint, spoil] of wrong) {
  test(`${what} is noticed`, () => {
    const deployment = objectsOf('deployment.yaml').find((object) => object.kind === 'Deployment');
    spoil(deployment);
    assert.match(complaintsOf([deployment]).join('\n'), complaint);
  });
}
