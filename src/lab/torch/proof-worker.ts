import { EngineConfig, type TorchEngine } from '../../core/config/engine-config.ts';
import { Worker } from '../../engines/torch/worker.ts';
import { openTorchUnchecked } from './open-torch.ts';
import type { Open } from './proof-parts.ts';
import { findPython } from './python.ts';

/** A model of random weights that the worker writes. */
export type RandomModel = 'seeing' | '3b' | 'qwen3_vl' | 'paligemma2' | 'llava';

/**
 * The process that one part of a proof after the other computes in: starting one takes up to twenty seconds, most of
 * them for imports. It begins each model as a new process would.
 */
export class ProofWorker {
  private worker: Promise<Worker> | null = null;
  private onNote: (kind: string, message: string) => void = () => undefined;

  constructor(
    private readonly model: string,
    private readonly device: TorchEngine['device'],
  ) {}

  start = async (python: string): Promise<Worker> =>
    (this.worker ??= Worker.start({ python, onNote: (kind, message) => this.onNote(kind, message) }));

  /** Opens a model with these settings of `engine`; for several processes, in workers of their own. */
  open: Open = async (settings, onNote = () => undefined) => {
    const engine = EngineConfig.parse({
      kind: 'torch',
      model: this.model,
      device: this.device,
      ...settings,
    }) as TorchEngine;
    this.onNote = onNote;
    const shared = engine.devices * engine.nodes === 1;
    const worker = shared && { worker: await this.start(await findPython()) };
    return openTorchUnchecked({ engine, seed: 1 }, { onNote, ...worker });
  };

  /** @param rows of `seeing`: a file with native rows, whose words the model should know. */
  async make(kind: RandomModel, folder: string, rows?: string): Promise<void> {
    const worker = await this.start(await findPython());
    await worker.call('make_model', { kind, folder, rows });
  }

  /** The next part begins in another process, as it must after a failure. */
  async end(): Promise<void> {
    const worker = this.worker;
    this.worker = null;
    // It may not have started.
    await worker?.then((started) => started.end()).catch(() => undefined);
  }
}
