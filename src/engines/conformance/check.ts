import type { Prompt } from '../../core/prompts/message.ts';
import { ORIGINAL, type PixelView } from '../../core/view-list.ts';

/** What an engine is tested on. The files must be in a format that its decoder reads without loss (PNG, not JPEG). */
export interface ConformanceTask {
  /** An image that is not its own mirror image. */
  image: Uint8Array;
  /** The same image, mirrored. */
  mirrored: Uint8Array;
  /** Another image of the same size. */
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

/** Builds the prompt that asks the task's question about an image given to the engine. */
export function ask(hash: string, question: string, view: PixelView = ORIGINAL): Prompt {
  return [{ role: 'user', content: [{ image: hash, view }, question] }];
}

/** Returns null if `work` throws, otherwise `reason`. */
export async function mustThrow(work: () => Promise<unknown>, reason: string): Promise<string | null> {
  try {
    await work();
  } catch {
    return null;
  }
  return reason;
}
