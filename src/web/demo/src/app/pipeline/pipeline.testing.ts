/** What the pipeline takes for granted in a browser, and jsdom has not got. Lasts to the end of the test file. */
export function standInForTheBrowser(): void {
  globalThis.ResizeObserver = SilentObserver;
  Object.assign(HTMLDialogElement.prototype, {
    showModal(this: HTMLDialogElement) {
      this.open = true;
    },
    close(this: HTMLDialogElement) {
      this.open = false;
      this.dispatchEvent(new Event('close'));
    },
  });
  Object.assign(HTMLElement.prototype, {
    scrollIntoView: () => undefined,
    showPopover(this: HTMLElement) {
      this.toggleAttribute('data-open', true);
    },
    hidePopover(this: HTMLElement) {
      this.toggleAttribute('data-open', false);
    },
  });
}

class SilentObserver implements ResizeObserver {
  observe(): void {
    return;
  }
  unobserve(): void {
    return;
  }
  disconnect(): void {
    return;
  }
}
