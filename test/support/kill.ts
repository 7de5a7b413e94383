import type { Worker } from 'node:worker_threads';
import type { Service } from '../../src/panels/service.host.ts';

/** Kills the service's thread, whatever it is doing; nothing happens where none is running. */
export async function kill(service: Service): Promise<void> {
  await (service as unknown as { running: { worker: Worker } | null }).running?.worker.terminate();
}
