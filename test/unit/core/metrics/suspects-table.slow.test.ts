import { expect, test } from 'vitest';
import { mean } from '../../../../src/base/numbers.ts';
import { suspectFigures, type SuspectWorld } from '../../../support/suspect-worlds.ts';

/** The table of suspects-table.md: means over ten worlds of 2,000 rows, of whose labels 3% are wrong. */
const BASE: SuspectWorld = {
  rows: 2000,
  sees: [0.9, 0.8, 0.75],
  broken: 'random',
  idle: 0,
  idleBy: 'words',
  mirror: true,
};
const WORLDS: Record<string, Partial<SuspectWorld>> = {
  'one model (90%)': { sees: [0.9] },
  'one model (75%)': { sees: [0.75] },
  'two (90, 80%)': { sees: [0.9, 0.8] },
  'three (90, 80, 75%)': {},
  'three, without mirrors': { mirror: false },
  'three, poles exchanged': { broken: 'poles' },
  'three, one form alone': { broken: 'one form' },
  'three, 30% by the words': { idle: 0.3 },
  'three, 30% guessed': { idle: 0.3, idleBy: 'guess' },
  'five (95 to 70%)': { sees: [0.95, 0.9, 0.85, 0.8, 0.7] },
  'five, 30% by the words': { sees: [0.95, 0.9, 0.85, 0.8, 0.7], idle: 0.3 },
  'five, 30% guessed': { sees: [0.95, 0.9, 0.85, 0.8, 0.7], idle: 0.3, idleBy: 'guess' },
  'three, clean': { broken: 'none' },
  'three, clean, 30% by the words': { broken: 'none', idle: 0.3 },
};

test.each(Object.entries(WORLDS))('fitSuspects ranks wrong labels first: %s', (name, world) => {
  const all = Array.from({ length: 10 }, (_, seed) => suspectFigures({ ...BASE, ...world }, String(seed)));
  const percent = (share: number) => (100 * share).toFixed(0);
  const first = [0, 1, 2].map((i) => mean(all.map(({ precision }) => precision[i]!))!);
  const recall = mean(all.map((one) => one.recall))!;
  const alarms = mean(all.map((one) => one.alarms))!;
  const columns = world.broken === 'none' ? ['–', '–', '–', '–'] : [...first, recall].map(percent);
  console.log(`| ${[name, ...columns, (100 * alarms).toFixed(2)].join(' | ')} |`);
  if (world.broken !== 'none') expect(first[0]).toBeGreaterThan(0.1);
});
