import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { evaluationSamples } from '../../../src/lab/evaluation/evaluation-samples.ts';
import { JUNK, placesIn, replaced } from '../../support/corrupt-row.ts';
import { chirality } from '../lab/recipes/cli.ts';
import { rowLines } from '../../support/rows.ts';
import { folderOfTests } from '../../support/folder.ts';
import { few } from '../../support/slow.ts';

const folder = folderOfTests('chirality-malformed-');

const FORM = {
  status: 'flipped',
  question: 'Is the cup right of the plate?',
  answer: 'Yes',
  route: 'rules',
  rules: ['side.of'],
  reason: 'as asked',
  checks: { yes_no_kept: 'pass' },
  review: { state: 'accepted', by: 'mira', at: '2026-01-01T00:00:00Z' },
};

/** A row that has every field which some command looks at. */
const row = (id: string): object => ({
  id,
  question: 'Is the cup left of the plate?',
  answer: 'Yes',
  images: [{ w: 90, h: 60 }],
  choices: ['Yes', 'No'],
  boxes: [[1, 2, 10, 20]],
  depth_map: { path: 'depth.png', w: 90, h: 60 },
  reasoning: 'The cup comes first.',
  task: 'yesno',
  source: 'desk',
  view: 'original',
  set: 'val',
  completion: '<answer>Yes</answer>',
  score: { task: 'yesno', parsed: 'yes', gt_parsed: 'yes', correct: true },
  meta: { order_left_to_right: ['cup', 'plate'], counts: { cup: 1 }, depths: { cup: 1.5 }, no_tie: true },
  scene_graph: {
    objects: [
      {
        id: 'a',
        label: 'cup',
        bbox: [1, 2, 10, 20],
        box_format: 'xyxy_px',
        coords: [1, 2, 3],
        depth: 1,
        attributes: ['red'],
      },
      { id: 'b', label: 'plate', bbox: [40, 2, 60, 20] },
    ],
    relations: [{ subject: 'a', predicate: 'left of', object: 'b' }],
    image: { w: 90, h: 60 },
  },
  variants: { mirror: FORM, polarity: FORM },
});

const rows = placesIn(row('')).flatMap((path) =>
  JUNK.map((junk, i) => replaced(row(`${path.join('.')}-${i}`), path, junk)),
);
const all = [row('first'), ...rows, row('last')].map((one) => JSON.stringify(one));
writeFileSync(join(folder, 'rows.qa.jsonl'), `${all.join('\n')}\n`);
const one = [row('first'), replaced(row('second'), ['variants', 'mirror', 'rules'], 5), row('last')];
writeFileSync(join(folder, 'one.qa.jsonl'), rowLines(one));

const COMMANDS = [
  'data check',
  'data stats',
  'data audit',
  'convert -o out.json',
  'convert --split-turns --shuffle-options 1 -o out.qa.jsonl',
  'view mirror --explain -o out.qa.jsonl',
  'view polarity --explain -o out.qa.jsonl',
  'view add --view rotate:90 -o out.qa.jsonl',
  'graph compose --seed 1',
  'review',
  'review --json --view polarity',
  'score -o out.jsonl',
  'metrics',
];

describe('malformed fields are reported without affecting other rows', () => {
  test.each(few(COMMANDS, 2))('%s reports malformed fields', async (command) => {
    const [name, ...rest] = command.split(/ (?=-)/);
    const args = (file: string) => [...name!.split(' '), file, ...rest.flatMap((one) => one.split(' '))];
    const many = await chirality(folder, ...args('rows.qa.jsonl'));
    // Where a command ends early, it says so in one line of this form.
    expect(many.stderr).not.toMatch(/^chirality: /m);
    expect(many.stderr).toMatch(/^rows\.qa\.jsonl:\d+: error: .* \([\w.[\]]+\)$/m);
    const one = await chirality(folder, ...args('one.qa.jsonl'));
    expect(one.stderr).toContain(
      'one.qa.jsonl:2: error: "rules" must be a list of strings. (variants.mirror.rules)',
    );
  });

  test.each(few(['graph check', 'graph check --hints --json']))(
    '%s reports malformed graphs',
    async (command) => {
      const { stdout, stderr } = await chirality(folder, ...command.split(' '), 'rows.qa.jsonl');
      expect([stderr.replace(/^row \d+\n/gm, ''), stdout]).toEqual([
        '',
        expect.stringContaining('rows.qa.jsonl'),
      ]);
    },
  );

  test('eval reports malformed fields', async () => {
    const sets = { val: join(folder, 'one.qa.jsonl') };
    const told: string[] = [];
    const plan = { sets, root: folder, views: ['original'] as const };
    const samples = await evaluationSamples(plan, ({ message }) => told.push(message));
    expect(samples.map(({ id }) => id)).toEqual(['first', 'last']);
    expect(told).toEqual([`${sets.val}:2: "rules" must be a list of strings. (variants.mirror.rules)`]);
  });
});

describe('a JSON list in a .qa.jsonl file has the same message in every command', () => {
  const list = [row('first'), row('second')];
  beforeAll(() => {
    writeFileSync(join(folder, 'line.qa.jsonl'), JSON.stringify(list));
    writeFileSync(join(folder, 'lines.qa.jsonl'), JSON.stringify(list, null, 1));
    writeFileSync(join(folder, 'list.json'), JSON.stringify(list, null, 1));
  });

  test.each(few(['data check', 'data stats', 'convert', 'view mirror', 'score', 'metrics']))(
    '%s',
    async (command) => {
      for (const file of ['line.qa.jsonl', 'lines.qa.jsonl']) {
        const { code, stderr } = await chirality(folder, ...command.split(' '), file);
        expect(stderr).toContain(
          `${file}:1: error: The file is a JSON list, but this format requires one row per line.\n  Rename the file to end in .json, then convert the file with \`chirality convert\`.`,
        );
        expect(code).not.toBe(0);
      }
    },
  );

  test('convert reads the JSON list after a change of its name to .json', async () => {
    const { code, stdout } = await chirality(folder, 'convert', 'list.json');
    expect([code, stdout.trim().split('\n').length]).toEqual([0, 2]);
  });
});

describe('commands report and exclude endlessly nested rows', () => {
  const nested = (inner: string) =>
    JSON.stringify({ ...row('deep'), meta: 0 }).replace(
      '"meta":0',
      `"meta":${'{"a":'.repeat(20_000)}${inner}${'}'.repeat(20_000)}`,
    );

  test.each(few(['data check', 'data stats', 'view mirror', 'view polarity', 'score']))(
    '%s',
    async (command) => {
      const rows = [nested('1'), nested('NaN'), JSON.stringify(row('last'))];
      writeFileSync(join(folder, 'deep.qa.jsonl'), rows.map((one) => `${one}\n`).join(''));
      const { stderr } = await chirality(folder, ...command.split(' '), 'deep.qa.jsonl');
      const named = stderr.split('\n').filter((line) => line.includes('100 levels'));
      expect(named).toEqual(
        [1, 2].map((line) => `deep.qa.jsonl:${line}: error: The value is nested more than 100 levels deep.`),
      );
      expect(stderr).not.toMatch(/^chirality: |call stack/m);
    },
  );
});
