/** In a hidden page there are no frames: then this long, in ms, is long enough. */
const withoutFrames = 100;

/** Calls back before the next paint, or soon in a hidden page. Returns how to call it off. */
export function nextFrame(callback: () => void): () => void {
  const cancel = (): void => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
  const run = (): void => {
    cancel();
    callback();
  };
  const frame = requestAnimationFrame(run);
  const timer = setTimeout(run, withoutFrames);
  return cancel;
}
