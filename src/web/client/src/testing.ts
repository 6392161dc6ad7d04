/** For tests of what is built on the client: `withSeams` puts a clock, a server or a page of the test's in place of the real ones. */
export { withSeams } from './seams.js';
export type { Clock, Fetch, Hub, HubFactory, Page, PageSignal, Seams } from './seams.js';
