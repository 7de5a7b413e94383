import type { Command } from 'commander';
import { encodeModel } from '../../engines/embedded/onnx.ts';
import { openRuntime, type RuntimeKind } from '../../engines/embedded/runtime.ts';
import { JobError } from '../errors.ts';
import { printJson } from '../print.ts';

/**
 * Prints whether an executable can run this program. The editor checks executables with this command, which the help
 * omits.
 */
export function addSelfTestCommand(program: Command): void {
  program
    .command('self-test', { hidden: true })
    .option('--runtime <auto|native|wasm>', 'build of onnxruntime', 'auto')
    .action(async ({ runtime: kind }) => {
      const runtime = await openRuntime(kind as RuntimeKind, 1);
      const session = await runtime.compile(twice());
      const { y } = await session.run({ x: { data: new Float32Array([21]), dims: [1] } });
      if (y?.[0] !== 42) throw new JobError('onnxruntime returns wrong results on this machine.');
      printJson({ node: process.versions.node, runtime: runtime.name });
    });
}

/** Returns an ONNX model that computes y = x + x. */
function twice(): Uint8Array {
  const value = (name: string) => ({ name, dtype: 'float' as const, shape: [1] });
  return encodeModel({
    nodes: [{ op: 'Add', domain: '', inputs: ['x', 'x'], output: 'y', attributes: {} }],
    inputs: [value('x')],
    outputs: [value('y')],
    constants: [],
  });
}
