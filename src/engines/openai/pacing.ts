import { setTimeout } from 'node:timers/promises';
import type { Random } from '../../base/random.ts';
import { EndpointError } from './error.ts';

/** Runs at most `atOnce` tasks concurrently. Further tasks wait in the order of the calls. */
export class Limiter {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly atOnce: number) {}

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.running >= this.atOnce) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.running += 1;
    try {
      return await work();
    } finally {
      // Passes the slot directly to the next task, so that no later caller can take it.
      const next = this.waiting.shift();
      if (next) next();
      else this.running -= 1;
    }
  }
}

export interface RetryOptions {
  /** Maximum number of retries after the first attempt. */
  retries: number;
  /** Maximum wait before the first retry, in ms. Doubles with each retry. Up to half of it is randomly subtracted. */
  backoffMs: number;
  random: Random;
  sleep?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

const LONGEST_WAIT_MS = 60_000;

const sleepFor = (ms: number, signal: AbortSignal) => setTimeout(ms, undefined, { signal });

/**
 * Retries a request while retries can help: after 1, 2, 4, … times `backoffMs`. Each wait is randomly shortened by up
 * to a half, so that many clients do not retry simultaneously, and lasts at least the time that the server requests.
 */
export async function withRetries<T>(
  work: () => Promise<T>,
  { retries, backoffMs, random, sleep = sleepFor }: RetryOptions,
  signal: AbortSignal,
  retryable: (error: EndpointError) => boolean,
  onRetry: () => void,
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof EndpointError) || attempt >= retries || !retryable(error)) throw error;
      const backoff = Math.min(backoffMs * 2 ** attempt, LONGEST_WAIT_MS) * random.between(0.5, 1);
      const wait = error.retryAfterMs ?? 0;
      // A server that requests a long wait enforces a quota, and a retry does not help.
      if (wait > 5 * LONGEST_WAIT_MS) throw error;
      onRetry();
      await sleep(Math.max(backoff, wait), signal);
    }
  }
}
