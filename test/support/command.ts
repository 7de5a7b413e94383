import { Command } from 'commander';
import { onTestFinished, TestRunner, vi } from 'vitest';

/** Calls `chirality args` in this process: the messages it printed, and the exit code it asks for. */
export async function runCommand(
  add: (program: Command) => void,
  ...args: string[]
): Promise<{ out: string[]; err: string[]; code: number }> {
  const [out, err]: [string[], string[]] = [[], []];
  const spies = [
    vi.spyOn(console, 'log').mockImplementation((text: string) => void out.push(text)),
    vi.spyOn(console, 'error').mockImplementation((text: string) => void err.push(text)),
  ];
  const before = process.exitCode;
  process.exitCode = undefined;
  const restore = () => {
    process.exitCode = before;
    for (const spy of spies) spy.mockRestore();
  };
  // A test that runs out of time does not come to the end of this function.
  if (TestRunner.getCurrentTest()) onTestFinished(restore);
  try {
    const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
    add(program);
    await program.parseAsync(args, { from: 'user' });
    return { out, err, code: Number(process.exitCode ?? 0) };
  } finally {
    restore();
  }
}
