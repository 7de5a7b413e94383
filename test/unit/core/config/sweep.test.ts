import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { cellsOf, expandPaths } from '../../../../src/core/config/sweep-cells.ts';
import { sweepJsonSchema } from '../../../../src/core/config/editor/schema.ts';
import { loadSweep } from '../../../../src/core/config/load-sweep.ts';
import { planSweep } from '../../../../src/core/config/sweep-plan.ts';
import { valueAt, type Tree } from '../../../../src/core/config/tree.ts';
import { property } from '../../../support/property.ts';

const readPreset = (name: string) => {
  try {
    return readFileSync(new URL(`../../../../library/presets/${name}.run.yaml`, import.meta.url), 'utf8');
  } catch {
    return null;
  }
};
const files: Record<string, string> = {
  'shared.run.yaml': 'preset: demo\ndata: { train: rows.qa.jsonl, eval: { val: val.qa.jsonl } }\n',
};
const load = (text: string, small = false) =>
  loadSweep(
    text,
    'a.sweep.yaml',
    {
      readPreset,
      readConfig: (path) => (files[path] ? { text: files[path], relocate: (tree) => tree } : null),
    },
    { small },
  );
const base = `base:
  preset: demo
  data: { train: rows.qa.jsonl, eval: { val: val.qa.jsonl } }
compare: { set: val, view: mirror }
`;
const names = (text: string, small = false) => load(text, small).sweep?.arms.map(({ name }) => name);
const first = (text: string, small = false) => load(text, small).problems[0];

describe('sweep config', () => {
  it('counts the conditions of a sweep before creating them', () => {
    const values = '[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]';
    const vary = ['coupling.eta', 'coupling.threshold', 'loss.beta', 'loss.clip', 'optimizer.lr', 'steps'];
    const text = `${base}vary:\n${vary.map((path) => `  ${path}: ${values}\n`).join('')}`;
    expect(load(text).problems).toMatchObject([
      { message: 'The sweep has 2,985,984 cells. The maximum is 1,000.', line: 5, severity: 'error' },
    ]);
  });

  it.each([65, 5000, 100_000])('rejects a sweep file nested %i levels deep', (depth) => {
    const text = `${base}vary: ${'['.repeat(depth)}${']'.repeat(depth)}\n`;
    expect(load(text).problems).toMatchObject([
      { message: 'The config is nested more than 64 levels deep.', file: 'a.sweep.yaml', severity: 'error' },
    ]);
  });

  it('creates a condition for every combination of values', () => {
    const text = `${base}vary:\n  coupling.eta: [0, 1, 10]\n  advantages.scope: [group, pair]\n`;
    expect(load(text).problems).toEqual([]);
    expect(names(text)).toEqual([
      'eta-0_scope-group',
      'eta-0_scope-pair',
      'eta-1_scope-group',
      'eta-1_scope-pair',
      'eta-10_scope-group',
      'eta-10_scope-pair',
    ]);
    expect(load(text).sweep!.arms[4]!.config).toMatchObject({
      coupling: { eta: 10, threshold: 0.5 },
      advantages: { scope: 'group' },
    });
  });

  it('removes values of the preset or the base where a condition sets null', () => {
    const own =
      'base:\n  data: { train: rows.qa.jsonl, eval: { val: a.qa.jsonl } }\n  checkpoint: { every: null }\n';
    const cells = [
      'cells:',
      '  a: { preset: demo, trace: { every: 7 } }',
      '  b: { preset: demo, checkpoint.every: 3, optimizer.warmup_steps: null }',
      'compare: { set: val }',
    ].join('\n');
    const { sweep, problems } = load(`${own}${cells}\n`);
    expect(problems).toEqual([]);
    const [a, b] = sweep!.arms.map(({ config }) => config);
    expect([a!.checkpoint.every, b!.checkpoint.every]).toEqual([100, 3]);
    expect([a!.optimizer.warmup_steps, b!.optimizer.warmup_steps]).toEqual([5, 0]);
  });

  it('names conditions by their differences or by their labels', () => {
    const text = `${base}vary: { coupling.eta: [0, 1], advantages.scope: [pair] }\nlabels: { eta-0_scope-pair: none }\n`;
    expect(load(text).sweep!.arms.map(({ label }) => label)).toEqual(['none', 'η = 1, scope = pair']);
  });

  it('lists the fields of a missing section', () => {
    const [problem] = load('base: { preset: demo }\nseeds: [1]\n').problems;
    expect(problem).toMatchObject({
      message: '"compare" is missing.',
      fix: expect.stringMatching(/^Set the section\. Its fields are set, /) as string,
    });
  });

  it('changes several fields in one condition, by path or by section', () => {
    const text = `${base}cells:\n  plain: { views.mirror: false, batch: { rows: 32 } }\n  both: {}\n`;
    const [plain, both] = load(text).sweep!.arms.map(({ config }) => config);
    expect(plain).toMatchObject({ views: { mirror: false, unpaired: 'keep' }, batch: { rows: 32 } });
    expect(both).toMatchObject({ views: { mirror: true }, batch: { rows: 16 } });
  });

  it('reads the base from a run config file', () => {
    const text = 'config: shared.run.yaml\ncompare: { set: val }\nvary: { loss.beta: [0, 0.1] }\n';
    expect(names(text)).toEqual(['beta-0', 'beta-0.1']);
    expect(first('config: none.run.yaml\ncompare: { set: val }\n')).toMatchObject({
      code: 'config',
      line: 1,
    });
  });

  it('passes model and rows of the base to stages, but not the training method', () => {
    const text = `${base}stages: { see: { preset: demo-sft, steps: 3 } }\ncells: { a: { init: see } }\n`;
    const [see, a] = load(text).sweep!.arms;
    expect(see).toMatchObject({ isStage: true, config: { recipe: 'sft', data: { train: 'rows.qa.jsonl' } } });
    expect(a!.config.init).toBe('see');
  });

  it('replaces sections with the sections of the small variant', () => {
    const text = `${base}vary: { coupling.eta: [0, 1] }\nsmall:\n  vary: { coupling.eta: [5] }\n`;
    expect(names(text)).toEqual(['eta-0', 'eta-1']);
    expect(names(text, true)).toEqual(['eta-5']);
    expect(first(base, true)!.message).toBe('The file has no section `small`.');
  });

  describe('condition with an adapter trained on a stage', () => {
    const adapted = (stage: string) =>
      `${base.replace('preset: demo', 'preset: demo\n  engine: { kind: torch, model: see }')}` +
      `stages: { see: { preset: demo-sft, engine: { ${stage} } } }\ncells: { a: {} }\n`;

    it('an adapter condition runs after its stage, on the last checkpoint of the stage', () => {
      const { sweep, problems } = load(adapted('model: tiny, adapter: { kind: none }'));
      expect(problems).toEqual([]);
      const { runs } = planSweep(sweep!, { file: 'a.sweep.yaml', small: false });
      expect(runs.map(({ name, after }) => [name, after])).toEqual([
        ['see-seed-0', undefined],
        ['a-seed-0', 'see-seed-0'],
      ]);
    });

    it('rejects a stage that trains an adapter, and a stage that starts from itself', () => {
      expect(first(adapted('model: tiny'))!.message).toContain('"see" trains only an adapter');
      expect(first(adapted('adapter: { kind: none }'))!.message).toContain('see starts from see');
    });

    it('rejects a second condition as a start', () => {
      const both = 'cells: { a: { init: b }, b: {} }';
      const text = adapted('model: tiny, adapter: { kind: none }').replace(/^cells: .*/m, both);
      expect(first(text)!.message).toContain('starts from both "b" and "see"');
    });
  });

  it.each([
    ['an invalid value', 'vary: { coupling.eta: [0, -1] }', 'eta--1: "coupling.eta"', 5, 27],
    ['an unknown field', 'vary: { coupling.etta: [1] }', 'Unknown field "etta"', 5, 25],
    ['a mistake in a condition', 'cells:\n  a: {}\n  b: { sampling.group_size: 1 }', 'b: "sampling', 7, 8],
    ['an unknown section', 'varry: { a: [1] }', 'Unknown field "varry"', 5, 1],
    ['a set without evaluation', 'also: [{ set: tset }]', 'base does not evaluate "tset"', 5, 1],
    ['a seed among the fields', 'vary: { seed: [1, 2] }', 'only under seeds', 5, 9],
    ['a duplicate seed', 'seeds: [1, 1]', 'contains a seed twice', 5, 1],
    [
      'a field both varied and set',
      'vary: { steps: [1] }\ncells: { a: { steps: 2 } }',
      'already set under vary',
      6,
      15,
    ],
    ['a stage started by itself', 'stages:\n  a: { preset: demo-sft, init: a }', 'a starts from a', 6, 26],
    [
      'a misspelt start',
      'stages: { see: { preset: demo-sft } }\ncells: { a: { init: sea } }',
      'does not exist',
      6,
      15,
    ],
    ['a command without a dataset', 'make: { a: rm -rf / }', 'Unknown dataset command "rm"', 5, 9],
    ['an output path in a command', 'make: { a: worlds -o /tmp }', 'Only the sweep can set -o', 5, 9],
    [
      'an option that sends requests to a server',
      'make: { a: view mirror b --llm=http://x }',
      'cannot pass --llm to view mirror',
      5,
      9,
    ],
    ['an environment variable', 'make: { a: view polarity b --key-env HOME }', 'cannot pass --key-env', 5, 9],
    [
      'a folder for images',
      'make: { a: view mirror b --write-images /x }',
      'cannot pass --write-images',
      5,
      9,
    ],
    ['a command’s unknown option', 'make: { a: convert b --data-root / }', 'cannot pass --data-root', 5, 9],
    ['an engine’s option', 'make: { a: engine tiny b --json }', 'cannot pass --json to engine tiny', 5, 9],
    ['a set outside the folder', 'make: { a: graph compose ../b.jsonl }', '../b.jsonl is outside', 5, 9],
    ['a set outside by a relative path', 'make: { a: view mirror c/../../b }', 'c/../../b is outside', 5, 9],
    ['a Windows network share', String.raw`make: { a: ['view', 'mirror', '\\host\b'] }`, 'is outside', 5, 9],
    ['images outside the folder', 'make: { a: convert b --image-folder=/etc }', '/etc is outside', 5, 9],
    ['graphs outside the folder', 'make: { a: convert b --graphs ~/g }', '~/g is outside', 5, 9],
    ['a step without evaluation', 'at_steps: [35]', 'not evaluated at step 35', 5, 1],
    ['sets without a common folder', 'make: { rows.qa.jsonl: worlds }', 'no common folder', 3, 3],
    ['a label of an unknown condition', 'labels: { bse: The base }', 'Cell "bse" does not exist', 5, 11],
    ['a value of an unknown condition', "published: { 'success, %': { eta-1: 5 } }", 'does not exist', 5, 14],
    [
      'Pass@4 with one answer',
      'also: [{ set: val, metric: choice/pass@4 }]',
      'does not measure "choice/pass@4"',
      5,
      1,
    ],
    [
      'a similarity that is not computed',
      'also: [{ set: val, metric: text/sbert }]',
      'does not measure "text/sbert"',
      5,
      1,
    ],
    [
      'judge verdicts without a judge',
      'also: [{ set: val, metric: all/judge }]',
      'does not measure "all/judge"',
      5,
      1,
    ],
    ['a loss on originals', 'also: [{ set: val, metric: drop }]', 'other than original', 5, 1],
    ['an unknown report section', 'show: [costs]', 'show', 5, 8],
    [
      'a list instead of commands',
      'make: [worlds]',
      '"make": must be fields with values, not ["worlds"].',
      5,
      1,
    ],
    ['no seed', 'seeds: []', '"seeds": must be a list of at least 1 item, not [].', 5, 1],
    ['an invalid device', 'devices: [cuda]', 'must be any', 5, 11],
  ])('reports line and column of %s', (_, section, message, line, column) => {
    const { sweep, problems } = load(`${base}${section}\n`);
    expect(sweep).toBe(null);
    expect(problems[0]!.message).toContain(message);
    expect(problems[0]).toMatchObject({ file: 'a.sweep.yaml', line, column });
  });

  it.each([
    ['text/bleu', 'text/bleu1'],
    ['all/juge', 'all/judge'],
    ['choice/pass4', 'choice/pass@4'],
    ['distance/sucess', 'distance/success'],
  ])('rejects the metric %s, and suggests the nearest metric', (metric, near) => {
    const [problem] = load(`${base}also: [{ set: val, metric: ${metric} }]\n`).problems;
    expect(problem!.fix).toBe(`Did you mean "${near}"?`);
  });

  it('accepts the metrics that the evaluations of a sweep compute', () => {
    const evaluate =
      'n: 4, temperature: 0.7, encoder: lexical, judge: { url: http://localhost:1/v1, model: j }';
    const also = ['pass@4', 'choice/pass@4', 'text/bleu1', 'text/bleu2', 'text/sbert', 'all/judge'];
    const text = base.replace('compare:', `  evaluate: { ${evaluate} }\ncompare:`);
    const figures = also.map((metric) => `  - { set: val, metric: ${metric}, view: mirror }\n`).join('');
    expect(load(`${text}also:\n${figures}`).problems).toEqual([]);
    const greedy = text.replace('temperature: 0.7, ', '');
    expect(load(greedy).problems[0]!.message).toContain('all 4 answers to a question are the same');
    const keyed = text.replace('localhost', 'key@localhost');
    expect(load(keyed).problems[0]!.message).toContain('must not contain a key');
  });

  it('reports line and column of a mistake in the small variant', () => {
    const text = `${base}small:\n  vary: { coupling.etta: [1] }\n`;
    expect(load(text).sweep).not.toBe(null);
    expect(first(text, true)).toMatchObject({ line: 6, column: 27 });
  });

  it('reports a mistake shared by all conditions only once', () => {
    const problems = load(
      `${base}vary: { coupling.eta: [0, 1], steps: [1, 2] }\n`.replace('demo', 'dmo'),
    ).problems;
    expect(problems).toMatchObject([{ message: 'Preset "dmo" does not exist.', line: 2, column: 3 }]);
  });

  it('the JSON schema of a condition has all fields of a run', () => {
    const { properties } = sweepJsonSchema() as { properties: Record<string, Record<string, object>> };
    expect(properties.cells!.additionalProperties).toHaveProperty('oneOf');
    expect(properties.small!.properties).toHaveProperty('vary');
    expect(properties.base!.description).toContain('shared by all cells');
  });
});

describe('conditions of a sweep', () => {
  const path = fc.constantFrom(
    'coupling.eta',
    'loss.beta',
    'rewards.format.weight',
    'rewards.semantic.weight',
  );
  const value = fc.oneof(
    fc.double({ noNaN: true }),
    fc.string(),
    fc.boolean(),
    fc.array(fc.string()),
    fc.constant(null),
  );
  const vary = fc.dictionary(
    path,
    fc.uniqueArray(value, { minLength: 1, maxLength: 3, selector: (v) => JSON.stringify(v) }),
    { maxKeys: 4 },
  );
  const named = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constant({ steps: 1 } as Tree), {
    maxKeys: 3,
  });

  property(
    'cellsOf: creates one condition per combination, with a unique folder name',
    [vary, named],
    (vary, named) => {
      const cells = cellsOf(vary, named);
      const combinations = Object.values(vary).reduce((n, values) => n * values.length, 1);
      expect(cells).toHaveLength(combinations * Math.max(1, Object.keys(named).length));
      expect(new Set(cells.map(({ name }) => name.toLowerCase())).size).toBe(cells.length);
      for (const { name, changes, at } of cells) {
        expect(name).toMatch(/^[\w.-]+$/);
        for (const [path, i] of Object.entries(at))
          expect(valueAt(changes, path.split('.'))).toEqual(vary[path]![i]);
      }
    },
  );

  it('expandPaths: expands dotted keys of a condition', () => {
    expect(expandPaths({ 'a.b': 1, a: { c: 2 }, d: 3 })).toEqual({ a: { b: 1, c: 2 }, d: 3 });
  });
});
