import { TestBed } from '@angular/core/testing';
import { Identity } from './identity';

function open(query = ''): Identity {
  history.replaceState(null, '', `/${query}`);
  TestBed.resetTestingModule();
  return TestBed.inject(Identity);
}

describe('Identity', () => {
  beforeEach(() => {
    localStorage.clear();
    sessionStorage.clear();
  });

  it('has no name at first, but a suggestion', () => {
    const identity = open();
    expect(identity.userName()).toBeNull();
    expect(identity.suggestion).toMatch(/^[a-z]+-[a-z]+$/);
  });

  it('takes the name from the address and remembers it', () => {
    expect(open('?user=ana').userName()).toBe('ana');
    expect(open().userName()).toBe('ana');
  });

  it('lets two tabs be two people, each over a reload', () => {
    open('?user=ana');
    const tab = Object.entries(sessionStorage);
    sessionStorage.clear();
    expect(open('?user=bo').userName()).toBe('bo');
    tab.forEach(([key, value]) => sessionStorage.setItem(key, String(value)));
    expect(open().userName()).toBe('ana');
  });

  it('takes no empty name and cuts a long one', () => {
    const identity = open('?user=%20');
    expect(identity.userName()).toBeNull();
    expect(identity.choose('  ')).toBe(false);
    expect(identity.choose(` ${'x'.repeat(60)} `)).toBe(true);
    expect(identity.userName()).toBe('x'.repeat(40));
  });

  it('takes nothing that cannot be seen, not from what it was told before either', () => {
    for (const blank of ['\u200b', '\u3164\u00a0', '\u202e']) expect(open().choose(blank)).toBe(false);
    localStorage.setItem('collab.user', ' \u200b');
    expect(open().userName()).toBeNull();
  });

  it('cuts between characters as a reader counts them, and keeps what an address can hold', () => {
    const identity = open();
    identity.choose(`${'x'.repeat(39)}👍🏽yz`);
    expect(identity.userName()).toBe(`${'x'.repeat(39)}👍🏽`);
    identity.choose('ana\ud83d');
    expect(identity.userName()).toBe('ana\ufffd');
    identity.choose('👩‍👩‍👧‍👦'.repeat(40));
    expect(identity.userName()!.length).toBeLessThanOrEqual(128);
    expect(() => encodeURIComponent(identity.userName()!)).not.toThrow();
  });
});
