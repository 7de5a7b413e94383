import { linesText } from '../../base/json.ts';
import { writeFile } from 'node:fs/promises';
import { arch, cpus, homedir, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { fixed } from '../../base/format.ts';
import { type TorchEngine, EngineConfig } from '../../core/config/engine-config.ts';
import { WorkerError, Worker } from '../../engines/torch/worker.ts';
import { temporaryFolder } from '../files/leftovers.ts';
import { nvidiaDriver, findPython } from './python.ts';
import { diagnose, type Finding } from './doctor.ts';
import { agreeInPairs, draws, type Found, keepsPromises, learns, type Open, sees } from './proof-parts.ts';
import { measures, SMALL_STEP, STEP } from './proof-speed.ts';
import { pictures } from './quick-check.ts';
import { openTorchUnchecked } from './open-torch.ts';

/** Kinds of models with random weights that the worker can write. */
type RandomModel = 'seeing' | '3b' | 'qwen3_vl' | 'paligemma2' | 'llava';

/**
 * Process that all parts of a proof share, because starting a process takes up to twenty seconds, mostly for imports.
 * Each model starts as in a new process.
 */
class ProofWorker {
  private worker: Promise<Worker> | null = null;
  private onNote: (kind: string, message: string) => void = () => undefined;

  constructor(
    private readonly model: string,
    private readonly device: TorchEngine['device'],
  ) {}

  start = async (python: string): Promise<Worker> =>
    (this.worker ??= Worker.start({ python, onNote: (kind, message) => this.onNote(kind, message) }));

  /** Opens a model with these settings of `engine`. Settings with several processes start separate workers. */
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

  /** @param rows for `seeing`: file with rows in Chirality's format, whose words the model should know */
  async make(kind: RandomModel, folder: string, rows?: string): Promise<void> {
    const worker = await this.start(await findPython());
    await worker.call('make_model', { kind, folder, rows });
  }

  /** Ends the process, so that the next part starts in a new process, which is necessary after a failure. */
  async end(): Promise<void> {
    const worker = this.worker;
    this.worker = null;
    // Ignores a worker that did not start.
    await worker?.then((started) => started.end()).catch(() => undefined);
  }
}

export interface ProofPart {
  name: string;
  /** State of a part of the proof. `warning`: the part works, but not as intended. */
  state: Finding['state'];
  /** Findings, one sentence each, without paths or names of machines or users. */
  found: string[];
  seconds: number;
}

interface ProofOptions {
  /** Hugging Face Hub id or folder of the model. Null for a new small model with random weights. */
  model: string | null;
  device: TorchEngine['device'];
  /** Versions of this program and Node. */
  versions: Record<string, string>;
  /** Called before each part with the part's name. */
  onPart: (name: string) => Promise<void>;
}

/**
 * Tests the torch engine on this machine: the environment, all contracts in both precisions, and completions of several
 * lengths with and without captured steps. Also trains with an adapter, all weights and 4-bit weights, and tests
 * checkpoints, all families, speed, and two processes. Takes minutes with small models.
 * @returns one part after the other. If a part fails, the other parts still run, unless all of them depend on it.
 */
export async function* proveTorch({
  model,
  device,
  versions,
  onPart,
}: ProofOptions): AsyncGenerator<ProofPart> {
  const { folder, remove } = temporaryFolder('proof');
  const tried = model ?? join(folder, 'model');
  const worker = new ProofWorker(tried, device);
  const { open } = worker;
  let usable = true;
  async function part(name: string, work: () => Promise<Found>): Promise<ProofPart> {
    await onPart(name);
    const start = performance.now();
    const { state, found } = await work().catch((error: unknown): Found => ({
      state: 'bad',
      found: [
        (error as Error).message.replaceAll(folder, 'the folder of the proof').replaceAll(homedir(), '~'),
      ],
    }));
    // Ends the process, because a failure can leave persistent errors, for example of the GPU.
    if (state === 'bad') await worker.end();
    return { name, state, found, seconds: (performance.now() - start) / 1000 };
  }
  try {
    const environment = await part('environment', () => lookAround(versions, worker));
    yield environment;
    if (environment.state === 'bad') return;
    if (model === null) {
      const made = await part('small model', async () => {
        const rows = join(folder, 'words.qa.jsonl');
        await writeFile(rows, await wordsOfTask());
        await worker.make('seeing', tried, rows);
        return { state: 'good', found: ['Created a Qwen2.5-VL model with random weights.'] };
      });
      yield made;
      if (made.state === 'bad') return;
    }
    // Omits float32 for a real model, because it takes twice the memory of a run.
    for (const precision of model === null ? (['fp32', 'bf16'] as const) : (['bf16'] as const)) {
      const promises = await part(`conformance in ${precision}`, () =>
        keepsPromises(open, precision, join(folder, precision)),
      );
      usable &&= promises.state !== 'bad';
      yield promises;
    }
    if (!usable) return;
    yield await part('images', () => sees(open, model === null));
    let onProcessor = true;
    yield await part('sampling', async () => {
      const drawn = await draws(open, 'auto');
      onProcessor = drawn.onProcessor;
      return drawn;
    });
    if (!onProcessor) yield await part('sampling without CUDA graphs', () => draws(open, 'off'));
    let first: readonly [number, number] | undefined;
    yield await part('adapter', async () => {
      const learnt = await learns(open, {});
      first = learnt.first;
      return learnt;
    });
    yield await part('checkpointing', () => learns(open, { gradient_checkpointing: true }, first));
    yield await part('all weights in bf16', () =>
      whereItFits(() => learns(open, { adapter: { kind: 'none' }, precision: 'bf16' })),
    );
    yield await part('weights in 4 bits', () => whereItFits(() => learns(open, { quantization: '4bit' })));
    if (model === null) {
      for (const [kind, name] of FAMILIES)
        yield await part(`conformance of ${name}`, async () => {
          const made = join(folder, kind);
          await worker.make(kind, made);
          const other: Open = (engine, onNote) => open({ ...engine, model: made }, onNote);
          // Tiny models with random weights see too little to compare images in bfloat16.
          const promises = await keepsPromises(other, 'fp32', made);
          const learnt = await learns(other, { precision: 'bf16' });
          const state = [promises.state, learnt.state].find((each) => each !== 'good') ?? 'good';
          return { state, found: [...promises.found, ...learnt.found] };
        });
    }
    yield await part('speed', async () => {
      if (model !== null || onProcessor) return measures(open, {}, onProcessor ? SMALL_STEP : STEP, false);
      const made = join(folder, '3b');
      return whereItFits(async () => {
        await worker.make('3b', made);
        return measures(open, { model: made }, STEP, true);
      });
    });
    yield await part('two processes', () => agreeInPairs(open));
  } finally {
    await worker.end();
    await remove();
  }
}

/** Model families other than that of the small model, each with a tiny model of random weights. */
const FAMILIES = [
  ['qwen3_vl', 'Qwen3-VL'],
  ['paligemma2', 'PaliGemma 2'],
  ['llava', 'LLaVA'],
] as const;

/** Turns errors of missing memory, disk space or packages into a warning, because they are not the engine's fault. */
const whereItFits = (work: () => Promise<Found>): Promise<Found> =>
  work().catch((error: unknown) => {
    if (error instanceof WorkerError && ['out-of-memory', 'missing-package', 'no-space'].includes(error.code))
      return { state: 'warning', found: [`Skipped. ${error.message}`] };
    throw error;
  });

/** Describes the machine for readers of the report: program, system, memory and driver. */
async function machine({ chirality, node }: Record<string, string>): Promise<string> {
  const driver = await nvidiaDriver();
  return `Chirality ${chirality}, Node ${node}; ${type()} ${release()} on ${arch()}, ${cpus().length} processors, ${Math.round(totalmem() / 1e9)} GB of memory; ${driver === null ? 'no NVIDIA driver' : `NVIDIA driver ${driver}`}.`;
}

async function lookAround(versions: Record<string, string>, worker: ProofWorker): Promise<Found> {
  const findings = await diagnose(worker.start);
  const states = findings.map(({ state }) => state);
  return {
    state: states.includes('bad') ? 'bad' : states.includes('warning') ? 'warning' : 'good',
    // Omits the path of the interpreter, which would reveal a folder.
    found: [
      ...findings
        .filter(({ text }) => !/^(Python: |Not used: )/.test(text))
        .map(({ text, fix }) => [text.replace(/ \([^)]*[\\/][^)]*\)$/, ''), ...(fix ? [fix] : [])].join(' ')),
      await machine(versions),
    ],
  };
}

async function wordsOfTask(): Promise<string> {
  const { question, answers } = await pictures();
  return linesText(answers.map((answer) => ({ question, answer, reasoning: answer })));
}

/**
 * Formats the proof as Markdown, to attach to a bug report.
 * @param now name of the part that is running, or null at the end
 */
export function proofDocument(parts: readonly ProofPart[], now: string | null): string {
  const rows = [
    ...parts.map(({ name, state, seconds }) => `| ${name} | ${state} | ${fixed(seconds, 1)} s |`),
    ...(now === null ? [] : [`| ${now} | begun | |`]),
  ];
  const details = parts.map(
    ({ name, found }) => `## ${name}\n\n${found.map((text) => `- ${text}`).join('\n')}`,
  );
  return `${['# The torch engine on this machine', `| part | | took |\n| --- | --- | ---: |\n${rows.join('\n')}`, ...details].join('\n\n')}\n`;
}
