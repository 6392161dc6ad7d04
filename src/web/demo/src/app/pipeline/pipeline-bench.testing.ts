import { ComponentFixture, TestBed } from '@angular/core/testing';
import { Pipeline } from './pipeline';
import { FlagRequest, GraftRequest, PipelineStep, PruneRequest } from './pipeline.model';
import { standInForTheBrowser } from './pipeline.testing';

export function aStep(id: string, part: Partial<PipelineStep> = {}): PipelineStep {
  return { id, name: id, kind: 'step', pruned: false, flag: null, cursors: [], ...part };
}

export function aGraft(id: string, part: Partial<PipelineStep> = {}): PipelineStep {
  return aStep(id, { kind: 'graft', graftedBy: { userId: 'ana', sequenceNumber: 42 }, ...part });
}

export const three = [aStep('PM'), aStep('ARCHITECT'), aStep('SRE')];

/** A pipeline in a page, and what comes out of it. To be made where tests are described. */
export class PipelineBench {
  grafts: GraftRequest[] = [];
  prunes: PruneRequest[] = [];
  flags: FlagRequest[] = [];
  visits: (string | null)[] = [];
  private shown: ComponentFixture<Pipeline> | null = null;

  constructor() {
    beforeEach(() => {
      standInForTheBrowser();
      this.shown = TestBed.createComponent(Pipeline);
      document.body.append(this.page);
      [this.grafts, this.prunes, this.flags, this.visits] = [[], [], [], []];
      const { graft, prune, flag, focusStep } = this.fixture.componentInstance;
      graft.subscribe((request) => this.grafts.push(request));
      prune.subscribe((request) => this.prunes.push(request));
      flag.subscribe((request) => this.flags.push(request));
      focusStep.subscribe((id) => this.visits.push(id));
    });
    afterEach(() => {
      vi.useRealTimers();
    });
  }

  get fixture(): ComponentFixture<Pipeline> {
    if (this.shown === null) throw new Error('Nothing is shown yet.');
    return this.shown;
  }

  get page(): HTMLElement {
    return this.fixture.nativeElement as HTMLElement;
  }

  readonly show = async (
    steps: readonly PipelineStep[],
    part: { mayChange?: boolean; readOnly?: boolean; readOnlyReason?: string } = {},
  ): Promise<void> => {
    this.fixture.componentRef.setInput('steps', steps);
    for (const [name, value] of Object.entries(part)) this.fixture.componentRef.setInput(name, value);
    await this.fixture.whenStable();
  };
  readonly cards = (): HTMLElement[] => [...this.page.querySelectorAll<HTMLElement>('[data-node-id]')];
  readonly card = (id: string): HTMLElement => there(this.cards().find((each) => each.dataset['nodeId'] === id));
  readonly find = (testId: string, within = this.page): HTMLElement =>
    // A test may ask for what is not there.
    within.querySelector(`[data-testid="${testId}"]`) as unknown as HTMLElement;
  readonly press = async (key: string, on: HTMLElement = document.activeElement as HTMLElement): Promise<void> => {
    on.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
    await this.fixture.whenStable();
  };
  readonly click = async (element: HTMLElement): Promise<void> => {
    element.click();
    await this.fixture.whenStable();
  };
  readonly point = (id: string, type: 'pointerenter' | 'pointerleave', pointerType = 'mouse'): void => {
    this.card(id).dispatchEvent(new PointerEvent(type, { pointerType }));
    TestBed.tick();
  };
  readonly field = (testId: string): HTMLInputElement => this.find(testId) as HTMLInputElement;
  readonly type = (into: HTMLInputElement, text: string): void => {
    into.value = text;
    into.dispatchEvent(new Event('input'));
  };
  readonly descriptionOf = (id: string): string =>
    there(document.getElementById(this.card(id).getAttribute('aria-describedby') ?? '')).textContent;
}

function there<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('That is not there.');
  return value;
}
