import type { Prompt } from '../../core/prompts/message.ts';
import type { PixelView } from '../../core/spatial/views/list.ts';

/** What an engine is tested on. The files are ones that its decoder reads without loss (PNG, not JPEG). */
export interface ConformanceTask {
  /** An image that is not its own mirror image. */
  image: Uint8Array;
  /** The same, mirrored. */
  mirrored: Uint8Array;
  /** Something else, of the same size. */
  other: Uint8Array;
  question: string;
  /** Two different answers of at least two tokens each. */
  answers: [string, string];
}

/** One promise of the contract. `run` returns null if it is kept, or else the reason. */
export interface Check<Engine> {
  name: string;
  run(engine: Engine, task: ConformanceTask): Promise<string | null>;
}

export interface CheckResult {
  name: string;
  /** Why the check failed; null: passed. */
  reason: string | null;
}

/** The task's question about an image that was put. */
export function ask(hash: string, question: string, view: PixelView = 'original'): Prompt {
  return [{ role: 'user', content: [{ image: hash, view }, question] }];
}

/** Null if `work` throws, else `reason`. */
export async function mustThrow(work: () => Promise<unknown>, reason: string): Promise<string | null> {
  try {
    await work();
  } catch {
    return null;
  }
  return reason;
}
