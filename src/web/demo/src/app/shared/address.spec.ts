import { baseAddress, basePath, serverAddress } from './address';

describe('The server’s addresses', () => {
  const base = document.createElement('base');
  afterEach(() => base.remove());

  it.each([
    ['/', '/api/runs?limit=20', ''],
    ['/tenant/', '/tenant/api/runs?limit=20', '/tenant'],
    ['/a/b/', '/a/b/api/runs?limit=20', '/a/b'],
  ])('lie below where the page does: %s', (path, address, below) => {
    base.setAttribute('href', path);
    document.head.append(base);
    expect([basePath(), serverAddress('api/runs?limit=20'), baseAddress()]).toEqual([path, address, location.origin + below]);
  });
});
