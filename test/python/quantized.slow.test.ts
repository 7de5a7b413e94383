import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allChecks } from '../../src/engines/conformance/inspector-conformance.ts';
import { checkTrainer } from '../../src/engines/conformance/trainer-conformance.ts';
import { COMPLETE, environmentFolder, REQUIREMENTS_4BIT } from '../../src/lab/torch/python.ts';
import { addPackages, createEnvironment } from '../../src/lab/torch/setup.ts';
import { openTiny, scratch, task, torch } from './open.ts';

/** bitsandbytes in a folder of its own: every worker whose environment has it starts seconds later. */
async function provide(): Promise<string> {
  const folder = await environmentFolder([REQUIREMENTS_4BIT], '4bit');
  if (existsSync(join(folder, COMPLETE))) return folder;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const onLine = (line: string) => console.log(line);
  await addPackages({ python: torch!.python, requirements: REQUIREMENTS_4BIT, onLine }, folder);
  await writeFile(join(folder, COMPLETE), '');
  return folder;
}

const installs = process.env.CHIRALITY_REQUIRE_ALL === '1' || process.env.CHIRALITY_PYTHON_TESTS === '1';

describe.skipIf(!torch)('weights in 4 bits', () => {
  it('4-bit weights are rejected with instructions if bitsandbytes is missing', async () => {
    await expect(openTiny('qwen2_5_vl', { quantization: '4bit' })).rejects.toThrow(
      /need bitsandbytes.*engine setup torch --4bit/,
    );
  });

  describe.skipIf(!installs)('4-bit weights with bitsandbytes', () => {
    const before = process.env.PYTHONPATH;
    beforeAll(async () => {
      process.env.PYTHONPATH = [await provide(), before].filter(Boolean).join(delimiter);
    });
    afterAll(() => {
      if (before === undefined) delete process.env.PYTHONPATH;
      else process.env.PYTHONPATH = before;
    });

    it('4-bit weights pass the conformance checks of trainers', async () => {
      const trainer = await openTiny('qwen2_5_vl', { quantization: '4bit' });
      const whole = await openTiny('qwen2_5_vl');
      expect(trainer.info().parameters).toBe(whole.info().parameters);
      await whole.close();
      const results = await checkTrainer(trainer, await task(), scratch(), allChecks);
      expect(results.filter(({ reason }) => reason !== null)).toEqual([]);
      await expect(trainer.exportModel(scratch())).rejects.toThrow('cannot be added to weights in 4 bits');
      await trainer.close();
    });

    it('4-bit weights are supported after engine setup torch --4bit', async () => {
      const requirements = join(scratch(), 'nothing.txt');
      await writeFile(requirements, '');
      const onLine = () => undefined;
      const python = await createEnvironment({ folder: scratch(), requirements, onLine });
      await addPackages({ python, requirements: REQUIREMENTS_4BIT, onLine });
      const { stdout } = await promisify(execFile)(python, ['-m', 'pip', 'list'], { env: {} });
      expect(stdout).toContain('bitsandbytes');
    });

    it('4-bit weights cannot be trained without an adapter', async () => {
      await expect(openTiny('qwen2_5_vl', { quantization: '4bit', adapter: null })).rejects.toThrow(
        'cannot be trained themselves',
      );
    });
  });
});
