import type { Call } from '../../src/base/call.ts';

/** A call of a handler that nobody aborts and whose progress nobody hears. */
export const quiet: Call<unknown> = {
  signal: new AbortController().signal,
  onProgress: () => undefined,
};
