import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { loadRun } from '../../../src/core/config/load.ts';
import { changedConfig, configDifferences, readChanges } from '../../../src/core/config/changed.ts';
import { RunConfig } from '../../../src/core/config/run-config.ts';
import { forkService } from '../../../src/panels/trace/trace-what-if.reads.ts';
import { folderOfTests } from '../../support/folder.ts';

let folder: string;
let run: string;
beforeEach(() => {
  folder = folderOfTests('chirality-config-');
  run = join(folder, 'runs/spatial');
  cpSync('test/fixtures/traces/run', run, { recursive: true });
});

describe('forkService.configWith', () => {
  it('configWith writes paths relative to the folder, and applies only the given changes', async () => {
    const path = join(run, 'run.yaml');
    const own = parse(readFileSync(path, 'utf8')) as { data: object };
    const data = {
      train: join(folder, 'data/train.qa.jsonl'),
      eval: { val: '/elsewhere/val.qa.jsonl' },
      root: folder,
    };
    writeFileSync(path, stringify({ ...own, data }));
    const text = await forkService.configWith({ run, set: ['coupling.eta=2'], folder });
    const { config, problems } = loadRun(text, 'new.run.yaml', () => null);
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(config).toMatchObject({
      coupling: { eta: 2 },
      data: { train: './data/train.qa.jsonl', eval: { val: '/elsewhere/val.qa.jsonl' }, root: './' },
    });
    await expect(forkService.configWith({ run, set: ['coupling.etta=2'], folder })).rejects.toThrow('etta');
    await expect(forkService.configWith({ run, set: ['eta'], folder })).rejects.toThrow('must be path=value');
  });
});

describe('changedConfig', () => {
  const config = RunConfig.parse({
    recipe: 'grpo',
    steps: 5,
    engine: { kind: 'embedded' },
    data: { train: 'a' },
    rewards: { semantic: { weight: 0.5 } },
    sampling: { max_tokens: 24 },
    advantages: { convention: 'trl', epsilon: 0.5 },
  });
  const changed = (...entries: string[]) => {
    const { config: after, problems } = changedConfig(config, readChanges(entries), 'f');
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    return configDifferences(config, after).map(({ path, before, after }) => [path, before, after]);
  };

  it('changedConfig changes only the given fields', () => {
    expect(changed()).toEqual([]);
    expect(changed('coupling.eta=1')).toEqual([]);
    expect(changed('coupling.eta=2', 'steps=9')).toEqual([
      ['steps', 5, 9],
      ['coupling.eta', 1, 2],
    ]);
  });

  it('changedConfig resets a field set to null to its default', () => {
    expect(changed('advantages=null', 'rewards.numeric=null')).toEqual([
      ['advantages.epsilon', 0.5, undefined],
    ]);
    const typo = changedConfig(config, readChanges(['advantages.scop=null']), 'f').problems;
    expect(typo).toMatchObject([{ code: 'unknown-field', path: 'advantages.scop' }]);
  });

  it('applies the ddof and epsilon of a new advantage normalisation unless they are set', () => {
    expect(changed('advantages.convention=dr-grpo')).toEqual([
      ['advantages.convention', 'trl', 'dr-grpo'],
      ['advantages.epsilon', 0.5, undefined],
    ]);
    expect(changed('advantages.convention=dr-grpo', 'advantages.epsilon=0.25')).toEqual([
      ['advantages.convention', 'trl', 'dr-grpo'],
      ['advantages.epsilon', 0.5, 0.25],
    ]);
  });
});
