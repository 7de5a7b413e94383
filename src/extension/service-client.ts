import { Worker } from 'node:worker_threads';
import { Channel } from '../core/protocol/channel.ts';
import type { ServiceApi } from '../service/api.ts';

/** The worker thread, as the host sees it: started by the first call, and again after a crash. */
export class Service {
  private running: { worker: Worker; channel: Channel<ServiceApi> } | null = null;

  /** @param script path of the service's bundle */
  constructor(private readonly script: string) {}

  readonly call: Channel<ServiceApi>['call'] = (...args) => this.start().channel.call(...args);

  async dispose(): Promise<void> {
    const { running } = this;
    this.running = null;
    running?.channel.close(new Error('The extension was closed.'));
    await running?.worker.terminate();
  }

  private start() {
    if (this.running) return this.running;
    const worker = new Worker(this.script);
    const channel = new Channel<ServiceApi>(
      {
        post: (message) => worker.postMessage(message),
        listen: (receive) => worker.on('message', receive),
      },
      {},
    );
    const running = { worker, channel };
    const lost = (error?: Error) => {
      if (this.running === running) this.running = null;
      channel.close(new Error(`The reader of data files stopped${error ? `: ${error.message}` : ''}.`));
    };
    worker.once('error', lost);
    worker.once('exit', () => lost());
    this.running = running;
    return running;
  }
}
