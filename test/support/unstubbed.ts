import { afterAll, vi } from 'vitest';

/** Test files that share a process leave it as they found it. */
afterAll(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});
