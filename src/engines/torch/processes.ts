import { delimiter } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Folder of the Python package and its requirements: next to this file in the source, otherwise where the build copied
 * it. Python starts there, because it searches the working folder for modules first, and a `json.py` in a data folder
 * would run. Relative paths must be resolved before.
 */
export const WORKER_FOLDER = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './worker/' : './torch-worker/', import.meta.url),
);

/** Number of processes that compute with the same model. */
export interface Processes {
  /** Processes on each machine: one per GPU, or several that share the CPU. */
  devices: number;
  nodes: number;
  /** Name or address of the first machine for the other machines. */
  host: string;
  port: number;
}

/** Location of the worker's model: its own process, or a server. */
export type WorkerEngine = 'torch' | 'tinker';

/**
 * Returns the arguments for Python on machine `node`, counted from 0: the worker, or torchrun, which starts several and
 * survives warnings of a cluster. Replies of a single worker have a separate pipe, while torchrun only forwards
 * standard output.
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

/** @param threads of each process. Null leaves it to PyTorch */
export const pythonEnvironment = (threads: number | null): NodeJS.ProcessEnv => ({
  // Shapes of passes vary, so on a GPU, expandable segments prevent fragmentation.
  ...(process.platform === 'linux' && { PYTORCH_ALLOC_CONF: 'expandable_segments:True' }),
  ...process.env,
  PYTHONPATH: [WORKER_FOLDER, process.env.PYTHONPATH].filter(Boolean).join(delimiter),
  PYTHONUNBUFFERED: '1',
  // Windows would print in the local code page.
  PYTHONUTF8: '1',
  // Modules are compiled once and cached on disk. Otherwise every start would compile thousands of modules.
  PYTHONDONTWRITEBYTECODE: '',
  TOKENIZERS_PARALLELISM: 'false',
  ...(threads !== null && { OMP_NUM_THREADS: String(threads) }),
});
