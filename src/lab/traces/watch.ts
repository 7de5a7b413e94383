/** How long work tells its share, 0–1, and is told to stop. */
export interface Watch {
  readonly cancelled: boolean;
  report(share: number): void;
}

/** The work was cancelled. */
export class Stopped extends Error {
  constructor() {
    super('Stopped.');
  }
}

/** Items between two pauses. */
const BATCH = 256;

/**
 * Lets other work in every few hundred items. @returns whether it did, and so whether to report.
 * @throws Stopped when the work was cancelled meanwhile
 */
export async function pause(item: number, watch: Watch): Promise<boolean> {
  if (item % BATCH !== 0) return false;
  await new Promise((resume) => setImmediate(resume));
  if (watch.cancelled) throw new Stopped();
  return true;
}
