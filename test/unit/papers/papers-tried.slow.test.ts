import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { minilmFolder } from '../../minilm.ts';
import { folderOfTests } from '../../support/folder.ts';
import { trained, tinyProject } from '../lab/recipes/cli.ts';
import { PAPER_A } from './paper-a.ts';
import { PAPER_B } from './paper-b.ts';
import { claims, pageRow, triedPage, UNTRIED, Workbench } from './trial.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const folder = folderOfTests('chirality-papers-');
const page = readFileSync('docs/papers.md', 'utf8');
const named = claims(page);
let bench: Workbench;
beforeAll(async () => {
  await tinyProject(folder);
  bench = await Workbench.start(folder, (await minilmFolder())!);
  await trained(folder, 'sft');
  const image = 'train/images/000001.png';
  const row = {
    id: 'one',
    question: 'Is the cat left or right of the dog?',
    choices: ['left', 'right'],
    answer: 'A',
    images: [image],
  };
  bench.rows('one.qa.jsonl', [row]);
  bench.rows('two.qa.jsonl', [{ ...row, images: [image, 'train/images/000002.png'] }]);
  bench.rows('depth.qa.jsonl', [{ ...row, depth_map: 'train/images/000002.png' }]);
  bench.rows('graph.qa.jsonl', [{ ...bench.readRows<object>('train/data.qa.jsonl')[0], images: [image] }]);
});
afterAll(() => bench.close());

const written = new Map<string, string>();
const trials = [...PAPER_A, ...PAPER_B];

describe('items of the papers', () => {
  for (const { items, run } of trials)
    it(items, async () => {
      bench.commands = [];
      bench.requests = [];
      const [printed, right] = await run(bench);
      expect(printed).toEqual(right);
      const claim = items.split(' ').map((item) => named.get(item));
      written.set(items, pageRow(items, claim.join(' '), bench.commands, printed));
    });

  it('items of the papers are each tested once, or listed with a reason for omission', async () => {
    const tried = trials.flatMap(({ items }) => items.split(' '));
    expect([...tried, ...Object.keys(UNTRIED)].sort()).toEqual([...named.keys()].sort());
    const untried = Object.entries(UNTRIED).map(([item, why]) => pageRow(item, named.get(item)!, [], why));
    await expect(triedPage(tried.length, named.size, [...written.values()], untried)).toMatchFileSnapshot(
      '../../../docs/papers-tried.md',
    );
  });
});
