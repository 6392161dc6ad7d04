import { WellFormedUrls } from './well-formed-urls';

describe('WellFormedUrls', () => {
  const urls = new WellFormedUrls();

  it.each([
    ['/runs/1?user=ana', 'ana'],
    ['/runs/1?user=%F0%9F%98%80', '\u{1F600}'],
    ['/runs/1?user=x%F0%9F%98', 'x\uFFFD'],
    ['/runs/1?user=100%', '100%'],
    ['/runs/1?user=%E2%80%AEevil', '\u202Eevil'],
  ])('reads %s', (url, user) => {
    expect(urls.parse(url).queryParams).toEqual({ user });
  });

  it('reads a path that is no text', () => {
    expect(urls.parse('/%FF').root.children['primary']?.segments.map((s) => s.path)).toEqual(['\uFFFD']);
  });
});
