import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { settingsFor, type WhatIfConfig } from '../../../src/core/run-data/what-if-settings.ts';
import { whatIfConfig } from '../../../src/lab/runs/trace-files.ts';
import { changesAsEntries, changesAsYaml } from '../../../webview/trace/changes-text.ts';

const config = (await whatIfConfig('test/fixtures/traces/run')) as WhatIfConfig;
const settings = settingsFor(config, ['format', 'semantic']);

it('changesAsYaml: writes changed settings as sections of a run config', () => {
  const changes = { semantic: 1, format: 0.2, eta: 2, clamp: 'zero', scope: 'pair' };
  const yaml = changesAsYaml(changes, settings);
  expect(yaml.match(/^coupling:/gm)).toHaveLength(1);
  expect(parse(yaml)).toEqual({
    rewards: { format: { weight: 0.2 }, semantic: { weight: 1 } },
    coupling: { eta: 2, clamp: 'zero' },
    advantages: { scope: 'pair' },
  });
  expect(changesAsYaml({ coupling: 'joint', eta: 2 }, settings)).toBe('coupling:\n  eta: 2\n  mode: joint\n');
});

it('changesAsEntries: writes changed settings for a fork, in the order of the settings', () => {
  expect(changesAsEntries({ eta: 2, format: 0.2 }, settings)).toEqual([
    'rewards.format.weight=0.2',
    'coupling.eta=2',
  ]);
});
