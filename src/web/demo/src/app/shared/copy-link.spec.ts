import { linkOf } from './copy-link';

describe('A link that is handed on', () => {
  it('leads to what is seen, and not to who sees it', () => {
    expect(linkOf('https://x.example/tenant/runs/1?user=ana&events=flag&by=b%20o#top')).toBe(
      'https://x.example/tenant/runs/1?events=flag&by=b+o',
    );
    expect(linkOf('https://x.example/runs/1?user=ana')).toBe('https://x.example/runs/1');
  });
});
