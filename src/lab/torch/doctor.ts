import { fixed } from '../../base/format.ts';
import { Worker, WorkerError } from '../../engines/torch/worker.ts';
import {
  candidates,
  REQUIREMENTS,
  type Candidate,
  findPython,
  LEAST_DRIVER,
  nvidiaDriver,
} from './python.ts';
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { WORKER_FOLDER, pythonEnvironment } from '../../engines/torch/processes.ts';
import { writeFolder } from '../files/leftovers.ts';
import { readText } from '../files/regular.ts';

export interface Finding {
  /** `bad`: the engine cannot work. `warning`: the engine works, but not as intended. */
  state: 'good' | 'warning' | 'bad';
  text: string;
  fix?: string;
}

/** Report of the worker about its interpreter. */
interface Diagnosis {
  executable: string;
  python: string;
  packages: Record<string, string | null>;
  problems: { message: string; fix: string | null }[];
  devices: { gpus: { name: string; memory_gb: number; capability: number }[]; reason?: string };
  /** CUDA version of the PyTorch build, and the build's minimum compute capability, times ten. Null without CUDA. */
  build: { cuda: string; least: number } | null;
  offline: boolean;
}

const SETUP = 'Create an environment with `chirality engine setup torch`.';

/**
 * Checks everything that the torch engine requires, and explains failures.
 * @param start starts a worker that continues afterwards. By default, a worker is started and ended.
 */
export async function diagnose(start?: (python: string) => Promise<Worker>): Promise<Finding[]> {
  const pythons = await candidates();
  const [chosen] = pythons;
  if (!chosen)
    return [
      {
        state: 'bad',
        text: 'No Python environment is set up or active, and CHIRALITY_PYTHON is not set.',
        fix: SETUP,
      },
    ];
  return [
    { state: 'good', text: `Python: ${chosen.python}, from ${chosen.from}` },
    ...pythons.slice(1).map(passedOver),
    ...(await examineWorker(chosen.python, start)),
  ];
}

const passedOver = ({ python, from }: Candidate): Finding => ({
  state: 'good',
  text: `Not used: ${python}, from ${from}`,
});

async function examineWorker(
  python: string,
  start?: (python: string) => Promise<Worker>,
): Promise<Finding[]> {
  let worker: Worker | null = null;
  try {
    worker = await (start?.(python) ?? Worker.start({ python }));
    return findings(await worker.call<Diagnosis>('diagnose'), await pinned(), await nvidiaDriver());
  } catch (error) {
    const fix = error instanceof WorkerError && error.code === 'no-python' ? {} : { fix: SETUP };
    return [{ state: 'bad', text: `Cannot start the worker. ${(error as Error).message}`, ...fix }];
  } finally {
    if (!start) await worker?.end();
  }
}

/**
 * Describes a diagnosis.
 * @param pinned package versions with which the engine was tested
 * @param driver version of NVIDIA's driver. Null without a driver
 */
export function findings(
  diagnosis: Diagnosis,
  pinned: ReadonlyMap<string, readonly string[]>,
  driver: string | null,
): Finding[] {
  const { packages, problems, devices, build, offline } = diagnosis;
  return [
    { state: 'good', text: `Python ${diagnosis.python} (${diagnosis.executable})` },
    ...Object.entries(packages).map(([name, version]): Finding => {
      const tested = pinned.get(name);
      if (version === null) return { state: 'bad', text: `${name} is not installed.`, fix: SETUP };
      return tested === undefined || tested.includes(version)
        ? { state: 'good', text: `${name} ${version}` }
        : {
            state: 'warning',
            text: `${name} ${version}; tested with ${tested.join(' or ')}.`,
            fix: 'If the engine fails, install the tested versions with `chirality engine setup torch`.',
          };
    }),
    ...problems.map(({ message, fix }): Finding => ({ state: 'bad', text: message, ...(fix && { fix }) })),
    ...(build ? [needs(build)] : []),
    ...devices.gpus.map((gpu) => card(gpu, build?.least ?? 0)),
    // Only PyTorch can find GPUs, so missing GPUs are reported only if PyTorch is installed.
    ...(devices.gpus.length === 0 && packages.torch !== null ? [withoutGpu(driver, devices.reason)] : []),
    {
      state: 'good',
      text: offline
        ? 'HF_HUB_OFFLINE is set, so only local and cached models are available.'
        : 'Chirality downloads models from the Hugging Face Hub on first use.',
    },
  ];
}

/** Minimum Linux drivers by major CUDA version, from NVIDIA's compatibility table. */
const DRIVERS: Readonly<Record<string, number>> = { '12': 525, '13': LEAST_DRIVER };

/** Compute capability 8.0, times ten. GPUs below this value only emulate bfloat16. */
const BFLOAT16 = 80;

function needs({ cuda, least }: NonNullable<Diagnosis['build']>): Finding {
  const driver = DRIVERS[cuda.split('.')[0]!];
  return {
    state: 'good',
    text: `PyTorch for CUDA ${cuda} requires ${driver ? `NVIDIA driver ${driver} or later` : 'an NVIDIA driver'} and a GPU of compute capability ${capability(least)} or later.`,
  };
}

function card(
  { name, memory_gb, capability: found }: Diagnosis['devices']['gpus'][number],
  least: number,
): Finding {
  const text = `${name}, ${memory_gb} GB, compute capability ${capability(found)}`;
  if (found < least)
    return {
      state: 'bad',
      text: `${text}: too old for this PyTorch.`,
      fix: `Use a GPU of compute capability ${capability(least)} or later.`,
    };
  if (found < BFLOAT16)
    return { state: 'warning', text: `${text}: slow with bfloat16.`, fix: 'Set engine.precision to fp32.' };
  return { state: 'good', text };
}

const capability = (number: number): string => fixed(number / 10, 1);

const withoutGpu = (driver: string | null, reason = 'unknown'): Finding => ({
  state: 'warning',
  text:
    driver === null
      ? `No GPU: ${reason}`
      : `No GPU, although NVIDIA driver ${driver} is installed: ${reason}`,
  fix:
    driver === null
      ? 'Full-size models require a GPU and an NVIDIA driver for this CUDA version. Tiny models can train on the CPU.'
      : 'Install PyTorch for this driver with `chirality engine setup torch`.',
});

/** Returns the pinned versions by package. A package can have different versions for different versions of Python. */
async function pinned(): Promise<ReadonlyMap<string, readonly string[]>> {
  const versions = new Map<string, string[]>();
  for (const [, name, version] of (await readText(REQUIREMENTS)).matchAll(/^([\w-]+)==([^\s;\\]+)/gm))
    versions.set(name!, [...(versions.get(name!) ?? []), version!]);
  return versions;
}

/**
 * Writes a small Qwen2.5-VL with random weights, which the torch engine can train on a CPU to see compact worlds.
 * @param rows file with rows in Chirality's format, whose words the model should know.
 * @param folder absolute path of an empty or missing folder.
 * @throws if no suitable Python exists.
 */
export async function makeSeeingModel(rows: string, folder: string): Promise<void> {
  const python = await findPython();
  await writeFolder(folder, async (staging) => {
    await promisify(execFile)(python, ['-m', 'chirality_worker.seeing_model', staging, resolve(rows)], {
      cwd: WORKER_FOLDER,
      windowsHide: true,
      env: pythonEnvironment(null),
    }).catch((error: { stderr: string }) => {
      throw new Error(`Cannot create the model with ${python}: ${error.stderr.trim().split('\n').at(-1)}`);
    });
  });
}
