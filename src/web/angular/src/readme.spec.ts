import { TestBed } from '@angular/core/testing';
import { readFileSync } from 'node:fs';
import { provideCollab } from './provide-collab';
import { RunView } from './testing/example';
import { FakeServer, graft, runOne } from './testing/fake-hub';

describe('The example in the README', () => {
  it('is the one that is compiled here', () => {
    const blocks = [...readFileSync('angular/README.md', 'utf8').matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code);
    expect(blocks).toContain(readFileSync('angular/src/testing/example.ts', 'utf8'));
  });

  it('works', async () => {
    const server = new FakeServer();
    server.history = [graft(1)];
    TestBed.configureTestingModule({ providers: [provideCollab(() => server.options)] });
    const fixture = TestBed.createComponent(RunView);
    fixture.componentRef.setInput('runId', runOne);
    const page = fixture.nativeElement as HTMLElement;
    await vi.waitFor(() => expect(page.querySelector('li')?.textContent).toBe('#1 bo: GRAFT'));
    expect(page.querySelector('p:not(.heading)')?.textContent).toBe('Here now: ana');
    page.querySelector('button')!.click();
    await vi.waitFor(() => expect(server.calls.at(-1)?.args[2]).toEqual({ after: 'ARCHITECT', agentName: 'security-scanner-v1' }));
  });
});
