import { Worker } from 'node:worker_threads';
import type { Call } from '../base/call.ts';
import type { CallTable, HostOf } from './calls.contract.ts';
import { Channel, type Args } from '../base/channel.ts';
import { Turns } from '../base/turns.ts';
import type { InputOf, Operations, OutputOf, ServiceApi, ServiceHost } from './service.reads.ts';

/** Maximum number of attempts for a call. The host repeats a call if the thread stops before it answers. */
const ATTEMPTS = 3;
/**
 * Interval between pings of the worker thread while calls are in progress, in ms. After `MISSED_BEATS` unanswered
 * pings, the host terminates the thread.
 */
const BEAT_MS = 5000;
const MISSED_BEATS = 6;

/** Maximum number of trace lists to reopen, which equals the number that the service caches. */
const MAX_LISTS = 4;

/** Error of calls that the worker thread did not answer before it stopped. */
class ThreadStopped extends Error {}

interface Running {
  worker: Worker;
  channel: Channel<ServiceApi>;
  /** Number of calls to the thread that are in progress. */
  calls: number;
}

/**
 * Worker thread, as seen from the host. The first call starts the thread, and the thread restarts after a crash.
 * `onStart` listeners send their state to a new thread. Then the host reopens all open resources under the same
 * numbers, and repeats unanswered calls, so every call must be repeatable.
 */
export class Service {
  private running: Running | null = null;
  private disposed = false;
  /** Queue of last attempts. They run one after another, so that only a call that stops the thread fails. */
  private readonly lastAttempts = new Turns();
  private readonly starters = new Set<() => void>();
  private readonly opened = new OpenResources();

  /**
   * @param script path of the service's bundle
   * @param onStopped receives the reason whenever the thread stops by itself
   * @param host functions that the thread can call, because the thread cannot start processes
   */
  constructor(
    private readonly script: string,
    private readonly onStopped: (why: string) => void = () => undefined,
    private readonly host: Partial<ServiceHost> = {},
  ) {}

  readonly call: Channel<ServiceApi>['call'] = async (...args) => {
    const once = () => this.callOnce(...args);
    for (let attempt = 1; ; attempt++) {
      try {
        return await (attempt < ATTEMPTS ? once() : this.lastAttempts.run(once));
      } catch (error) {
        if (!(error instanceof ThreadStopped)) throw error;
        if (attempt === ATTEMPTS)
          throw new Error(`${error.message} All ${ATTEMPTS} attempts failed.`, { cause: error });
      }
    }
  };

  /**
   * Runs an operation (lab/operations), which validates the input. @param roots folders in which the operation
   * searches; the host chooses these folders, never a page
   */
  readonly ask = <Name extends keyof Operations>(
    name: Name,
    input: InputOf<Name>,
    roots: readonly string[],
  ): Promise<OutputOf<Name>> => this.call('ask', { name, input, roots }) as Promise<OutputOf<Name>>;

  /** Like `call`, but rejects if the thread stops. Used by callers that send their state to every new thread. */
  readonly callOnce: Channel<ServiceApi>['call'] = async (...args) => {
    const running = this.start();
    running.calls += 1;
    try {
      const answer = await running.channel.call(...args);
      this.opened.note(args[0], args[1], answer);
      return answer;
    } finally {
      running.calls -= 1;
    }
  };

  /**
   * Registers a function that runs whenever a thread starts, before any other call. @returns a function that
   * unregisters it
   */
  onStart(starter: () => void): () => void {
    this.starters.add(starter);
    return () => void this.starters.delete(starter);
  }

  async dispose(): Promise<void> {
    this.disposed = true;
    const { running } = this;
    this.running = null;
    running?.channel.close(new Error('The extension was closed.'));
    await running?.worker.terminate();
  }

  private start(): Running {
    if (this.disposed) throw new Error('The extension was closed.');
    if (this.running) return this.running;
    const worker = new Worker(this.script);
    const channel = new Channel<ServiceApi>(
      { post: (message) => worker.postMessage(message), listen: (receive) => worker.on('message', receive) },
      { ...this.host },
    );
    const running: Running = { worker, channel, calls: 0 };
    this.running = running;
    let why = '';
    let missed = 0;
    const beat = setInterval(() => {
      if (running.calls === 0) missed = 0;
      else if (missed === MISSED_BEATS) {
        why = ` after ${(BEAT_MS * MISSED_BEATS) / 1000} seconds without a response`;
        void worker.terminate();
      } else {
        missed += 1;
        channel.call('beat', null).then(
          () => (missed = 0),
          () => undefined, // the thread stopped
        );
      }
    }, BEAT_MS);
    beat.unref();
    worker.once('error', (error) => (why = `: ${error.message}`));
    // Wait for the exit, because only then has the thread finished all its work, including its disk accesses.
    worker.once('exit', () => {
      clearInterval(beat);
      if (this.running !== running) return;
      this.running = null;
      this.onStopped(`The data reader stopped${why}.`);
      channel.close(new ThreadStopped(`The data reader stopped${why}.`));
    });
    for (const starter of this.starters) starter();
    // Errors of reopening a resource are reported by calls that need the resource.
    for (const [name, args] of this.opened.calls()) channel.call(name, args).catch(() => undefined);
    return running;
  }
}

/**
 * Returns handlers for calls of a page that the service answers under the same names.
 * @param answer calls the service after checking that the page can make the call
 */
export const forwarded = <Table extends CallTable>(
  table: Table & Record<Exclude<keyof Table, keyof ServiceApi>, never>,
  answer: (
    name: keyof Table & keyof ServiceApi,
    args: Args<HostOf<Table>[keyof Table]>,
    call: Call<never>,
  ) => unknown,
): HostOf<Table> =>
  Object.fromEntries(
    Object.keys(table).map((name) => [
      name,
      (args: never, call: Call<never>) => answer(name as never, args, call),
    ]),
  ) as unknown as HostOf<Table>;

type Opening = 'runOpen' | 'openData' | 'traces';

/** Resources that callers have opened under a number and have not closed. */
class OpenResources {
  private readonly openings = new Map<string, [name: Opening, args: never]>();

  /** Updates the list of open resources after an answered call. */
  note(name: keyof ServiceApi, args: object | null, answer: unknown): void {
    switch (name) {
      case 'runOpen': {
        const { run } = answer as { run: number };
        return this.keep(`run ${run}`, name, { ...args, run });
      }
      case 'openData':
        return this.keep(dataKey(args), name, { ...args });
      case 'traces': {
        const { list } = answer as { list: number };
        this.keep(`list ${list}`, name, { ...args, list });
        const lists = [...this.openings.keys()].filter((key) => key.startsWith('list'));
        for (const old of lists.slice(0, -MAX_LISTS)) this.openings.delete(old);
        return;
      }
      case 'runClose':
        return void this.openings.delete(`run ${(args as { run: number }).run}`);
      case 'closeData':
        return void this.openings.delete(dataKey(args));
    }
  }

  /** Returns the calls that reopen all resources under the same numbers. */
  calls(): Iterable<[name: Opening, args: never]> {
    return this.openings.values();
  }

  private keep(key: string, name: Opening, args: object): void {
    this.openings.set(key, [name, args as never]);
  }
}

const dataKey = (args: object | null) => `data ${(args as { file: number }).file}`;
