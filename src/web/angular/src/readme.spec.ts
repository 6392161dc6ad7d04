import { TestBed } from '@angular/core/testing';
import { readFileSync } from 'node:fs';
import { CollaborationStore } from './collaboration-store';
import { provideCollab } from './provide-collab';
import { RunView } from './testing/example';
import { RunScreen } from './testing/screen-example';
import { FakeServer, graft, runOne } from './testing/fake-hub';

describe('The examples in the README', () => {
  it.each(['example', 'screen-example'])('are those that are compiled here: %s', (name) => {
    const blocks = [...readFileSync('angular/README.md', 'utf8').matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code);
    expect(blocks).toContain(readFileSync(`angular/src/testing/${name}.ts`, 'utf8'));
  });

  it('follow a run, and change it', async () => {
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

  it('show a run, and how it was', async () => {
    const server = new FakeServer();
    const prune = { ...graft(2), eventType: 'PRUNE', data: { stepId: 'SRE', isPruned: true } };
    server.history = [graft(1), prune];
    vi.stubGlobal('matchMedia', () => Object.assign(new EventTarget(), { matches: false }));
    TestBed.configureTestingModule({ providers: [provideCollab(() => server.options)] });
    TestBed.inject(CollaborationStore).connect(runOne);
    const fixture = TestBed.createComponent(RunScreen);
    const page = fixture.nativeElement as HTMLElement;
    await vi.waitFor(() => expect(page.querySelectorAll('[data-sequence]')).toHaveLength(2));
    expect(page.textContent).toContain('Pruned: SRE');
    page.querySelector<HTMLElement>('[aria-label="Go back to number 1"]')!.click();
    await vi.waitFor(() => expect(page.querySelector('[data-testid="past-bar"]')?.textContent).toContain('#1'));
    expect(page.textContent).not.toContain('Pruned: SRE');
    vi.unstubAllGlobals();
  });
});
