import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { openTorch, type TorchOptions, type TorchTrainer } from '../../src/engines/torch/torch-engine.ts';
import { Worker } from '../../src/engines/torch/worker.ts';
import type { ConformanceTask } from '../../src/engines/conformance/sampler-conformance.ts';
import { encodePng } from '../../src/lab/images/png.ts';

/** What a suitable Python and tiny models are; null where the machine has none. */
export const torch = inject('torch');
// For the programs that tests start.
if (torch) process.env.CHIRALITY_PYTHON = torch.python;
process.env.HF_HUB_OFFLINE = '1';

export const ALL = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'];

/** Workers without an open model. Their imports take five seconds of processor time, so the next model uses them. */
const idle: Worker[] = [];

/** Returns a worker for one model at a time; `giveBack` makes it available to the next model. */
export const takeWorker = async (): Promise<Worker> =>
  idle.pop() ?? Worker.start({ python: torch!.python, threads: 1 });
export const giveBack = (worker: Worker): void => void idle.push(worker);

export async function openTiny(kind: string, options: Partial<TorchOptions> = {}): Promise<TorchTrainer> {
  // bitsandbytes is in an environment of its own.
  const isAlone = options.processes !== undefined || options.quantization === '4bit';
  const worker = isAlone ? undefined : await takeWorker();
  const end = () => worker && giveBack(worker);
  const trainer = await openTorch({
    python: torch!.python,
    model: join(torch!.models, kind),
    adapter: { rank: 8, alpha: 16, dropout: 0, targets: ALL, excludes: ['visual'] },
    precision: 'float32',
    quantization: 'none',
    maxPixels: 56 * 56,
    seed: 1,
    device: 'cpu',
    threads: 1,
    gradientCheckpointing: false,
    microTokens: 4096,
    captured: 'auto',
    offload: 'none',
    ...(worker && { worker }),
    ...options,
  }).catch((error: unknown) => {
    end();
    throw error;
  });
  return worker ? Object.assign(trainer, { close: () => Promise.resolve(end()) }) : trainer;
}

export const scratch = () => mkdtempSync(join(tmpdir(), 'chirality-torch-'));

/** Two halves in two colours. */
export function halves(left: [number, number, number], right: [number, number, number]): Promise<Buffer> {
  const [w, h] = [84, 56];
  const rgb = new Uint8Array(w * h * 3);
  for (let i = 0; i < w * h; i++) rgb.set(i % w < w / 2 ? left : right, i * 3);
  return encodePng({ w, h, rgb });
}

export const RED = [220, 40, 40] as [number, number, number];
export const GREEN = [40, 180, 60] as [number, number, number];
export const BLUE = [50, 80, 230] as [number, number, number];

export const task = async (): Promise<ConformanceTask> => ({
  image: await halves(RED, BLUE),
  mirrored: await halves(BLUE, RED),
  other: await halves(GREEN, BLUE),
  question: 'What colour is the left half?',
  answers: [
    '<think>It is red.</think> <answer>red</answer>',
    '<think>It is green.</think> <answer>green</answer>',
  ],
});
