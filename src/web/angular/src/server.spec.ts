// @vitest-environment node
import '@angular/compiler';
import { ChangeDetectionStrategy, Component, provideZonelessChangeDetection } from '@angular/core';
import { bootstrapApplication, BootstrapContext } from '@angular/platform-browser';
import { provideServerRendering, renderApplication } from '@angular/platform-server';
import { provideCollab } from './provide-collab';
import { RunView } from './testing/example';
import { RunScreen } from './testing/screen-example';
import { FakeServer, runOne } from './testing/fake-hub';

@Component({
  selector: 'collab-page',
  imports: [RunScreen, RunView],
  template: `<app-run [runId]="runId" /><app-screen />`,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
class Page {
  protected readonly runId = runOne;
}

describe('On a server that renders the page', () => {
  // The test bed has chosen the browser's adapter before, and that one looks for a base element.
  beforeEach(() => vi.stubGlobal('document', { head: { querySelector: () => null } }));
  afterEach(() => vi.unstubAllGlobals());

  it('there is no browser here', () => {
    expect([typeof window, typeof requestAnimationFrame]).toEqual(['undefined', 'undefined']);
  });

  it('the run is as it is before connect, and nothing is opened or asked for', async () => {
    const server = new FakeServer();
    const token = vi.fn(server.options.token);
    const uncaught = vi.fn();
    process.on('uncaughtException', uncaught);
    const html = await renderApplication(
      (context: BootstrapContext) =>
        bootstrapApplication(
          Page,
          { providers: [provideZonelessChangeDetection(), provideServerRendering(), provideCollab({ ...server.options, token })] },
          context,
        ),
      { document: '<html><body><collab-page></collab-page></body></html>', url: '/' },
    );
    await new Promise((resolve) => setImmediate(resolve));
    process.off('uncaughtException', uncaught);
    expect(html).toMatch(/<span[^>]*class="word"[^>]*>Connecting<\/span>/);
    expect(html).toContain('Here now:');
    expect(html).toContain('The events are not here yet.');
    expect(html).toContain('Nothing seen yet');
    expect([server.connections, server.calls, token.mock.calls, uncaught.mock.calls]).toEqual([0, [], [], []]);
  });
});
