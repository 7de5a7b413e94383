import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { WORKER_FOLDER } from '../../engines/torch/processes.ts';

const run = promisify(execFile);

/** What a program prints; null if it cannot be run or fails. */
export const outputOf = (program: string, args: string[]): Promise<string | null> =>
  run(program, args, { cwd: WORKER_FOLDER, windowsHide: true }).then(
    ({ stdout }) => stdout.trim(),
    () => null,
  );

/** The oldest NVIDIA driver for the CUDA (13) of the pinned PyTorch on Linux. */
export const LEAST_DRIVER = 580;

/** The driver's version, such as `580.65.06`; null without an NVIDIA card or its driver. */
export async function nvidiaDriver(): Promise<string | null> {
  const version = await outputOf('nvidia-smi', ['--query-gpu=driver_version', '--format=csv,noheader']);
  return version?.split('\n')[0]?.trim() || null;
}

/** A build of PyTorch: that of the package index, that without CUDA, or the one that uv finds for the driver. */
type Build = 'pinned' | 'cpu' | 'auto';

/**
 * The right build for a machine. The pinned one, that of the package index, is built for CUDA 13 on Linux, where it
 * takes gigabytes that a machine without a card has no use for, and without CUDA on Windows.
 */
export function buildFor(platform: NodeJS.Platform, driver: string | null): Build {
  if (platform === 'linux') {
    if (driver === null) return 'cpu';
    return parseInt(driver) >= LEAST_DRIVER ? 'pinned' : 'auto';
  }
  return platform === 'win32' && driver !== null ? 'auto' : 'pinned';
}

/** Packages that come with PyTorch in the build for its platform. */
const OF_TORCH = /^(?:torch|torchvision|triton|nvidia-[\w-]+|cuda-[\w-]+)==/;

/** Parts pinned packages into PyTorch's own, as `name==version`, and the lines of all others, with their hashes. */
export function withoutTorch(requirements: string): { torch: string[]; others: string } {
  const blocks = requirements.split(/\n(?=\S)/);
  return {
    torch: blocks.flatMap((block) => /^torch(?:vision)?==[^\s;\\]+/.exec(block) ?? []),
    others: `${blocks.filter((block) => !OF_TORCH.test(block)).join('\n')}\n`,
  };
}
