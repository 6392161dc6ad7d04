import { isDevMode } from '@angular/core';
import { CanMatchFn } from '@angular/router';
import { serverAddress } from '../shared/address';
import { request } from '../shared/request';

/** Whether the server has the page of components, which it has in Development only: the page's files are the same everywhere. */
export const isServed: CanMatchFn = async () => {
  // A development build comes from a server of its own.
  if (isDevMode()) return true;
  try {
    return (await request(serverAddress('components'), { method: 'HEAD', headers: { accept: 'text/html' } })).ok;
  } catch {
    return false;
  }
};
