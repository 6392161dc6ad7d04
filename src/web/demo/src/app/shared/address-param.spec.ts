import { Component } from '@angular/core';
import { ComponentFixture, TestBed } from '@angular/core/testing';
import { provideRouter, Router } from '@angular/router';
import { addressParam } from './address-param';

@Component({ template: '' })
class Page {
  readonly kind = addressParam('events');
  readonly person = addressParam('by');
}

describe('A part of the address', () => {
  let fixture: ComponentFixture<Page>;
  const show = async (): Promise<Page> => {
    fixture = TestBed.createComponent(Page);
    await fixture.whenStable();
    return fixture.componentInstance;
  };

  beforeEach(() => {
    history.replaceState(null, '', '/?user=ana%20b&events=graft');
    TestBed.configureTestingModule({ providers: [provideRouter([{ path: '**', component: Page }])] });
  });

  afterEach(() => {
    fixture.destroy();
    history.replaceState(null, '', '/');
  });

  it('is there from the start, and changes it without another entry in the history', async () => {
    const before = history.length;
    const page = await show();
    expect([page.kind(), page.person()]).toEqual(['graft', '']);
    page.kind.set('DEPLOYED');
    page.person.set('böb & co');
    await vi.waitFor(() => expect(location.search).toContain('by='));
    const query = new URL(location.href).searchParams;
    expect([query.get('user'), query.get('events'), query.get('by')]).toEqual(['ana b', 'DEPLOYED', 'böb & co']);
    page.kind.set('');
    await vi.waitFor(() => expect(location.search).not.toContain('events'));
    expect(history.length).toBe(before);
  });

  it('is what another address says', async () => {
    const page = await show();
    await TestBed.inject(Router).navigateByUrl('/elsewhere?events=flag');
    expect(page.kind()).toBe('flag');
    await TestBed.inject(Router).navigateByUrl('/elsewhere');
    expect(page.kind()).toBe('');
  });

  it('leaves the address of the next page alone', async () => {
    const page = await show();
    page.person.set('bo');
    await fixture.whenStable();
    page.person.set('boris');
    await fixture.whenStable();
    fixture.destroy();
    history.replaceState(null, '', '/next');
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(location.href).toMatch(/\/next$/);
  });
});
