import { delimiter } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The folder of the Python package and its requirements: next to this file when run from source, otherwise where the
 * build copied it. Python is started there: it looks for modules in the working folder first, and in a folder of
 * somebody else's data a `json.py` would run. Relative paths have to be resolved before.
 */
export const WORKER_FOLDER = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './worker/' : './torch-worker/', import.meta.url),
);

/** How many processes compute with the same model. */
export interface Processes {
  /** Processes on each machine: one per GPU, or several that share the CPU. */
  devices: number;
  nodes: number;
  /** The name or address at which the other machines reach the first one. */
  host: string;
  port: number;
}

/** Where the worker's model is: in its own process, or on a server. */
export type WorkerEngine = 'torch' | 'tinker';

/**
 * Arguments for Python on machine `node`, counted from 0: the worker itself, or torchrun, which starts several and
 * outlives warnings of a cluster. Replies of a single worker have a pipe of their own; torchrun only forwards standard
 * output.
 */
export function pythonArguments(
  { devices, nodes, host, port }: Processes,
  node: number,
  engine: WorkerEngine = 'torch',
): string[] {
  if (devices * nodes === 1) return ['-m', 'chirality_worker', '--replies', '3', '--engine', engine];
  const meeting =
    nodes === 1
      ? ['--standalone', '--local-addr', '127.0.0.1']
      : [`--nnodes=${nodes}`, `--node-rank=${node}`, `--master-addr=${host}`, `--master-port=${port}`];
  const worker = ['-m', 'chirality_worker', '--team', '--replies', '1'];
  return ['-m', 'chirality_worker.signals', ...meeting, `--nproc-per-node=${devices}`, ...worker];
}

/** @param threads of each process; null leaves it to PyTorch. */
export const pythonEnvironment = (threads: number | null): NodeJS.ProcessEnv => ({
  // The shapes of our passes change all the time: on a GPU, segments that grow keep its memory from falling into pieces.
  ...(process.platform === 'linux' && { PYTORCH_ALLOC_CONF: 'expandable_segments:True' }),
  ...process.env,
  PYTHONPATH: [WORKER_FOLDER, process.env.PYTHONPATH].filter(Boolean).join(delimiter),
  PYTHONUNBUFFERED: '1',
  // Windows would print in the code page of the country.
  PYTHONUTF8: '1',
  // Cache compiled modules on the disk; otherwise every start would compile thousands of modules.
  PYTHONDONTWRITEBYTECODE: '',
  TOKENIZERS_PARALLELISM: 'false',
  ...(threads !== null && { OMP_NUM_THREADS: String(threads) }),
});
