import { Component, signal } from '@angular/core';
import { ComponentFixture, TestBed } from '@angular/core/testing';
import { KeepsFocus } from './keep-focus';

@Component({
  imports: [KeepsFocus],
  template: `
    <button id="elsewhere">Elsewhere</button>
    <div tabindex="-1" id="around">
      <div [collabKeepsFocus]="otherwise()">
        <ul>
          @for (row of rows(); track row) {
            <li>
              <button [id]="row" [disabled]="disabled() === row">{{ row }}</button>
            </li>
          }
        </ul>
        <p><button id="apart">Apart</button></p>
      </div>
    </div>
  `,
})
class Page {
  readonly rows = signal(['a', 'b', 'c']);
  readonly disabled = signal('');
  readonly otherwise = signal('');
}

describe('KeepsFocus', () => {
  let fixture: ComponentFixture<Page>;
  const at = (): string | undefined => document.activeElement?.id;
  const focus = (id: string): void => document.getElementById(id)!.focus();
  const leave = async (...rows: string[]): Promise<void> => {
    fixture.componentInstance.rows.set(rows);
    await fixture.whenStable();
  };

  beforeEach(async () => {
    fixture = TestBed.createComponent(Page);
    document.body.append(fixture.nativeElement as HTMLElement);
    await fixture.whenStable();
  });

  afterEach(() => {
    fixture.destroy();
    (fixture.nativeElement as HTMLElement).remove();
  });

  it('goes on to what comes next, then to what comes before, and then to what is around', async () => {
    focus('b');
    await leave('a', 'c');
    expect(at()).toBe('c');
    await leave('a');
    expect(at()).toBe('a');
    await leave();
    expect(at()).toBe('around');
  });

  it('finds the next where others have come before it', async () => {
    focus('b');
    await leave('new', 'a', 'c');
    expect(at()).toBe('c');
  });

  it('goes on from what is disabled', async () => {
    focus('b');
    fixture.componentInstance.disabled.set('b');
    await fixture.whenStable();
    expect(at()).not.toBe('b');
    expect(['a', 'c']).toContain(at());
  });

  it('goes where it is told when nothing is left', async () => {
    fixture.componentInstance.otherwise.set('#elsewhere');
    await leave('a');
    focus('a');
    await leave();
    expect(at()).toBe('elsewhere');
  });

  it('leaves the focus alone that is elsewhere, or nowhere', async () => {
    focus('b');
    focus('elsewhere');
    await leave('a', 'c');
    expect(at()).toBe('elsewhere');
    focus('c');
    document.getElementById('c')!.blur();
    await Promise.resolve();
    await leave('a');
    expect(document.activeElement).toBe(document.body);
  });
});
