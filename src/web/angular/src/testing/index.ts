// What the tests of this library and of the demo page, and its page of components, have in common. It is in no package.
export { anEvent, events } from './events';
export { FakeStore } from './fake-store';
