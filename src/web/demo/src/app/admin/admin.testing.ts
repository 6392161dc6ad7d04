import { Type } from '@angular/core';
import { ComponentFixture, TestBed } from '@angular/core/testing';
import { provideRouter } from '@angular/router';
import { standInForTheBrowser } from '../pipeline/pipeline.testing';
import { AdminPage } from './admin-page';
import { FakeServer } from './fake-server.testing';

/** The administrators' page in front of a server of the test's own. To be made where tests are described. */
export class AdminBench {
  server = new FakeServer();
  private shown: ComponentFixture<AdminPage> | null = null;

  /** @param watch What is asked again at `refresh()`. */
  constructor(private readonly watch: Type<{ refresh(): Promise<void> }>) {
    beforeAll(() => standInForTheBrowser());

    beforeEach(() => {
      localStorage.clear();
      sessionStorage.clear();
      this.server = new FakeServer();
      vi.stubGlobal('fetch', this.server.fetch);
      TestBed.configureTestingModule({ providers: [provideRouter([])] });
    });

    afterEach(() => {
      this.shown?.destroy();
      vi.unstubAllGlobals();
    });
  }

  get page(): HTMLElement {
    return this.fixture.nativeElement as HTMLElement;
  }

  async show(): Promise<void> {
    this.shown = TestBed.createComponent(AdminPage);
    await this.settle();
    await this.refresh();
  }

  async refresh(): Promise<void> {
    await this.fixture.debugElement.injector.get(this.watch).refresh();
    await this.settle();
  }

  async click(selector: string): Promise<void> {
    this.find(selector).click();
    await this.settle();
  }

  /** Lets what has changed be drawn. */
  async settle(): Promise<void> {
    await this.fixture.whenStable();
  }

  find(selector: string): HTMLElement {
    const found = this.page.querySelector<HTMLElement>(selector);
    if (found === null) throw new Error(`There is no ${selector}.`);
    return found;
  }

  /** The text of an element, by its test id. */
  said(id: string): string {
    return this.find(`[data-testid="${id}"]`).textContent.trim();
  }

  /** The text of an element, its spaces as one sees them. */
  words(selector: string): string {
    return this.find(selector).textContent.replace(/\s+/g, ' ').trim();
  }

  private get fixture(): ComponentFixture<AdminPage> {
    if (this.shown === null) throw new Error('Nothing is shown yet.');
    return this.shown;
  }
}
