import { delimiter } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Folder of the Python package and its requirements: next to this file in the source, otherwise in the build output.
 * Python starts in this folder, because it searches the working folder for modules first, and would run a `json.py` in
 * a data folder. Callers must resolve relative paths first.
 */
export const WORKER_FOLDER = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './worker/' : './torch-worker/', import.meta.url),
);

/** Processes and machines that compute with the same model. */
export interface Processes {
  /** Processes on each machine: one per GPU, or several that share the CPU. */
  devices: number;
  nodes: number;
  /** Name or address through which the other machines reach the first machine. */
  host: string;
  port: number;
}

/** Location of the worker's model: the worker's own process, or a server. */
export type WorkerEngine = 'torch' | 'tinker';

/**
 * Returns the arguments for Python on machine `node`, counted from 0: the worker, or torchrun, which starts several
 * workers and is not ended by warnings of a cluster. A single worker sends replies on a separate pipe. torchrun only
 * forwards standard output.
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

/** @param threads number of threads per process. Null: PyTorch's default */
export const pythonEnvironment = (threads: number | null): NodeJS.ProcessEnv => ({
  // On a GPU, expandable segments prevent fragmentation, because the shapes of passes vary.
  ...(process.platform === 'linux' && { PYTORCH_ALLOC_CONF: 'expandable_segments:True' }),
  ...process.env,
  PYTHONPATH: [WORKER_FOLDER, process.env.PYTHONPATH].filter(Boolean).join(delimiter),
  PYTHONUNBUFFERED: '1',
  // Without UTF-8 mode, Python on Windows prints in the local code page.
  PYTHONUTF8: '1',
  // Lets Python cache compiled modules on disk. Otherwise every start would compile thousands of modules.
  PYTHONDONTWRITEBYTECODE: '',
  TOKENIZERS_PARALLELISM: 'false',
  ...(threads !== null && { OMP_NUM_THREADS: String(threads) }),
});
