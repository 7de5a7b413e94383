import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { readTraces } from '../../src/lab/runs/trace-files.ts';
import { TinkerProject } from '../support/tinker-project.ts';
import { chirality } from '../unit/lab/recipes/cli.ts';
import { folderOfTests } from '../support/folder.ts';
import { readRows } from '../support/rows.ts';

const tinker = inject('tinker');
const KEY = 'tml-a-key-that-nobody-may-read';
const folder = folderOfTests('chirality-tinker-');
let project: TinkerProject;

beforeAll(async () => {
  if (!tinker) return;
  vi.stubEnv('CHIRALITY_PYTHON', tinker.python);
  vi.stubEnv('CHIRALITY_API_KEY', KEY);
  project = await TinkerProject.make(folder);
});
afterAll(() => vi.unstubAllEnvs());

describe.skipIf(!tinker)('a run on a Tinker server', () => {
  it('trains Spatial-GRPO through a failure and a resume, with curves and traced pairs', async () => {
    let updates = 0;
    // Two more come before the first step, on a model that is dropped (`require_linear` of the worker).
    const fault = (route: string) => (route === 'optim_step' && ++updates === 2 + 4 ? 422 : undefined);
    const server = await project.serve('served', { fault });
    try {
      vi.stubEnv('CHIRALITY_API_URL', server.url);
      const failed = await chirality(folder, 'train', 'served.run.yaml');
      expect(failed.code).not.toBe(0);
      expect(failed.stderr).toContain('The server rejected optim_step (422)');
      expect(failed.stderr).not.toContain(KEY);
      const resumed = await chirality(folder, 'resume', 'runs/served');
      expect(resumed, resumed.stderr).toMatchObject({ code: 0 });
      expect(server.requests.every(({ key }) => key === KEY)).toBe(true);
      expect(server.requests.map(({ route }) => route)).toContain('load_weights');
      expect(server.held).toBe(0);
    } finally {
      await server.close();
    }
    const run = join(folder, 'runs/served');
    const metrics = readRows<Record<string, number | null>>(join(run, 'metrics.jsonl'));
    expect(metrics.map(({ step }) => step)).toEqual([1, 2, 3, 4]);
    // Policy and reference start as one; the server's sampler and trainer are the same program.
    expect(metrics[0]!.kl).toBeLessThan(1e-6);
    expect(metrics[3]!.kl).toBeGreaterThan(1e-6);
    for (const row of metrics) {
      expect(row['sampling/sampling_logp_difference/max']).toBeLessThan(1e-4);
      expect(row.grad_norm).not.toBeNull();
      expect(row.entropy).toBeNull();
    }
    const pairs = await readTraces(run, 4);
    expect(pairs).toHaveLength(3);
    for (const { views } of pairs) {
      expect(views.map(({ view }) => view)).toEqual(['original', 'mirror']);
      expect(views.map(({ group }) => group.length)).toEqual([4, 4]);
      expect(views[0]!.group[0]!.segments[0]).toMatchObject({ tokens: {}, logprobs: {}, ref_logprobs: {} });
    }
    for (const name of await readdir(run, { recursive: true })) {
      const text = await readFile(join(run, name), 'utf8').catch(() => '');
      expect(text, name).not.toContain(KEY);
    }
  });

  it('rejects a server that ignores images before the first step', async () => {
    const server = await project.serve('blind', { blind: true });
    try {
      const { code, stderr } = await chirality(folder, 'train', 'blind.run.yaml');
      expect(code).not.toBe(0);
      expect(stderr).toContain('The model does not use the image.');
      expect(server.requests.filter(({ route }) => route === 'optim_step')).toHaveLength(2);
      // The person named another server.
      expect(server.requests.filter(({ key }) => key === KEY)).toEqual([]);
    } finally {
      await server.close();
    }
  });
});
