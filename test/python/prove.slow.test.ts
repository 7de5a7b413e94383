import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { homedir, hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { ProofPart } from '../../src/lab/torch/prove.ts';
import { CLI } from '../unit/lab/recipes/cli.ts';
import { scratch, torch } from './open.ts';

async function prove(python: string, ...more: string[]): Promise<{ parts: ProofPart[]; code: number }> {
  const args = [CLI, 'engine', 'prove', '--device', 'cpu', '--json', ...more];
  const env = { ...process.env, CHIRALITY_PYTHON: python };
  const { stdout, code = 0 } = await promisify(execFile)(process.execPath, args, { env }).then(
    (out) => ({ ...out, code: 0 }),
    (error: unknown) => error as { stdout: string; code: number },
  );
  return { parts: JSON.parse(stdout) as ProofPart[], code };
}

describe.skipIf(!torch)('chirality engine prove', () => {
  it('engine prove runs every part, and writes a report without personal data', async () => {
    const report = join(scratch(), 'proof.md');
    const { parts, code } = await prove(torch!.python, '-o', report);
    expect(parts.filter(({ state }) => state === 'bad')).toEqual([]);
    expect(code).toBe(0);
    expect(parts.map(({ name }) => name)).toEqual([
      'environment',
      'small model',
      'conformance in fp32',
      'conformance in bf16',
      'images',
      'sampling',
      'adapter',
      'checkpointing',
      'all weights in bf16',
      'weights in 4 bits',
      'conformance of Qwen3-VL',
      'conformance of PaliGemma 2',
      'conformance of LLaVA',
      'speed',
      'two processes',
    ]);
    const text = readFileSync(report, 'utf8');
    expect(text).toContain(' GB of memory; ');
    expect(text).not.toContain('begun');
    // Each is a share of a limit, which nothing exceeds.
    const shares = [...text.matchAll(/(\d+\.\d)% of it/g)].map(([, share]) => Number(share));
    expect(shares).toHaveLength(3);
    expect(shares.filter((share) => !(share > 0 && share < 100))).toEqual([]);
    for (const { name } of parts) expect(text).toContain(`## ${name}`);
    for (const secret of [homedir(), tmpdir(), hostname(), torch!.python]) expect(text).not.toContain(secret);
    // Fifteen parts, of up to a minute each on a machine that nothing else uses.
  }, 3_600_000);

  it('engine prove reports why the environment is unusable', async () => {
    const { parts, code } = await prove('/usr/bin/false');
    expect(code).toBe(1);
    expect(parts).toMatchObject([{ name: 'environment', state: 'bad' }]);
    expect(parts[0]!.found.join()).toContain('Cannot start the worker.');
  });
});
