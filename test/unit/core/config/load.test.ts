import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { withoutEncoder } from '../../../../src/lab/models/recipe-tools.ts';
import { loadSweep } from '../../../../src/core/config/load-sweep.ts';
import { loadMetrics, loadRun, type LoadedRun } from '../../../../src/core/config/load.ts';
import { treeAt, type Tree } from '../../../../src/core/config/tree.ts';
import { isRecord } from '../../../../src/base/json.ts';
import { editorJsonSchema } from '../../../../src/core/config/editor/schema.ts';
import { partnersOf } from '../../../../src/core/rewards/draws.ts';
import { runConfigJsonSchema, type GrpoConfig } from '../../../../src/core/config/run-config.ts';

/** The paths of all sections and values of a tree. */
const pathsIn = (tree: Tree, above: string[] = []): string[][] =>
  Object.entries(tree).flatMap(([key, value]) => [
    [...above, key],
    ...(isRecord(value) ? pathsIn(value, [...above, key]) : []),
  ]);

function withoutPath(tree: Tree, [key, ...rest]: readonly string[]): Tree {
  const { [key!]: value, ...others } = tree;
  return rest.length > 0 ? { ...others, [key!]: withoutPath(value as Tree, rest) } : others;
}

const folder = new URL('../../../../library/presets/', import.meta.url);
const presets = readdirSync(folder).map((file) => file.replace('.run.yaml', ''));
const readPreset = Object.assign(
  (name: string) =>
    presets.includes(name) ? readFileSync(new URL(`${name}.run.yaml`, folder), 'utf8') : null,
  { names: () => presets },
);
const load = (text: string) => loadRun(text, 'a.run.yaml', readPreset);

const minimal = `recipe: grpo
steps: 10
engine:
  kind: embedded
data:
  train: rows.qa.jsonl
rewards:
  format:
    weight: 1
sampling:
  max_tokens: 16
views:
  mirror: false
`;
/** The minimal config with one line replaced or added. */
const changed = (from: string, to: string) => {
  if (!minimal.includes(from)) throw new Error(`no "${from}" in the minimal config`);
  return minimal.replace(from, to);
};

describe('loadRun', () => {
  it('writes all default values to the resolved config', () => {
    const { config, problems } = load(minimal);
    expect(problems).toEqual([]);
    expect(config).toMatchObject({
      seed: 0,
      loss: { aggregation: 'sequence-mean', beta: 0.04, clip_low: 0.2 },
      coupling: { eta: 1, threshold: 0.5 },
      engine: { width: 96 },
    });
  });

  it('rejects acuity axes outside the vocabulary of the embedded model', () => {
    const { problems } = load(`${minimal}evaluate:\n  acuity: [side, height]\n`);
    expect(problems).toMatchObject([{ code: 'acuity-axis', severity: 'error', fix: 'Remove height.' }]);
  });

  it('warns about view penalty settings that joint coupling ignores', () => {
    const text = changed('weight: 1\n', 'weight: 1\n  semantic: { weight: 1 }\n').replace(
      'mirror: false',
      'mirror: true',
    );
    const joint = (settings: string) => load(`${text}coupling: { mode: joint${settings} }\n`).problems;
    expect(joint('')).toEqual([]);
    expect(joint(', eta: 2, clamp: zero')).toMatchObject([
      { code: 'coupling-joint', severity: 'warning', fix: 'Remove coupling.eta or coupling.mode.' },
      { code: 'coupling-joint', severity: 'warning', fix: 'Remove coupling.clamp or coupling.mode.' },
    ]);
  });

  it.each([
    ['[reverse, mirror+reverse]', 'mode: relation', []],
    [
      '[converse]',
      'mode: relation',
      [['views.use', 'keep the question. The view converse does not meet this condition.']],
    ],
    [
      '[mirror/keep]',
      'mode: relation',
      [['views.use', 'keep the question. The view mirror/keep does not meet this condition.']],
    ],
    ['[]', 'mode: relation', [['views.use', 'Set views.use to one or more of reverse']]],
    [
      '[reverse]',
      'mode: joint, labels: rows.qa.jsonl',
      [['coupling.labels', 'Set coupling.mode to relation']],
    ],
    ['["shuffle:1", "shuffle:2"]', 'mode: order', []],
    ['["shuffle:1", reverse]', 'mode: order', [['views.use', 'Set views.use to [shuffle:1]']]],
    ['[]', 'mode: order', [['views.use', 'Set views.use to [shuffle:1]']]],
    ['["shuffle:1"]', 'eta: 1', [['views.use', 'Set coupling.mode to order']]],
  ])('accepts or rejects the views %s for coupling by %s, with a fix', (use, coupling, wanted) => {
    const text = changed('mirror: false', `use: ${use}`).replace('format:', 'accuracy:');
    const { problems } = load(`${text}coupling: { signal: accuracy, ${coupling} }\n`);
    expect(problems.map(({ path, message, fix }) => [path, `${message} ${fix}`])).toEqual(
      wanted.map(([path, words]) => [path, expect.stringContaining(words!)]),
    );
  });

  it('rejects pair advantages and the agreement reward with shuffled frames', () => {
    const text = changed('mirror: false', 'use: ["shuffle:1"]').replace(
      'weight: 1\n',
      'weight: 1\n  accuracy: { weight: 1 }\n  agreement: { weight: 1 }\n',
    );
    const { problems } = load(
      `${text}coupling: { signal: accuracy, mode: order }\nadvantages: { scope: pair }\n`,
    );
    expect(problems.map(({ code }) => code).sort()).toEqual(['order-agreement', 'order-scope']);
  });

  const torchModel = 'engine: { kind: torch, model: m }\n';
  const server = 'engine: { kind: tinker, url: "http://a", base_model: m, processor: p }\n';
  it.each([
    [torchModel, []],
    ['engine: { fill: right }\n', []],
    ['', [['warning', 'has no effect, because the embedded model stretches images']]],
    [server, [['error', 'does not apply to a Tinker server']]],
    [
      `${torchModel}sampling: { endpoint: "http://a" }\n`,
      [['error', 'does not apply to the server of sampling.endpoint']],
    ],
  ])('enables symmetric images only for engines with this feature: %s', (rest, wanted) => {
    const preset = rest.includes('torch') || rest.includes('tinker') ? 'svqa-r1' : 'demo';
    const { config, problems } = load(
      `preset: ${preset}\ndata: { train: a }\npairs: { symmetric: true }\n${rest}`,
    );
    expect(config?.pairs ?? { symmetric: true }).toEqual({ symmetric: true });
    expect(
      problems
        .filter(({ path }) => path === 'pairs.symmetric')
        .map(({ severity, message }) => [severity, message]),
    ).toEqual(wanted.map(([severity, words]) => [severity, expect.stringContaining(words!)]));
    expect(load(`preset: ${preset}\ndata: { train: a }\n`).config!.pairs).toEqual({ symmetric: false });
  });

  it('reports an undefined YAML alias', () => {
    const { config, problems } = load('recipe: *nowhere\n');
    expect(config).toBe(null);
    expect(problems).toMatchObject([{ code: 'yaml', line: 1 }]);
  });

  it.each(presets)('preset %s requires only data paths', (preset) => {
    const { config, problems } = load(`preset: ${preset}\ndata:\n  train: rows.qa.jsonl\n`);
    expect(problems.filter((p) => p.severity === 'error')).toEqual([]);
    expect(config?.preset).toBe(preset);
  });

  it('reports a misspelt field once, and not also as missing', () => {
    const { problems } = load(changed('steps: 10', 'stps: 10'));
    expect(problems).toMatchObject([{ code: 'unknown-field', line: 2, fix: 'Did you mean "steps"?' }]);
  });

  it('overrides preset values key by key', () => {
    const { config } = load('preset: svqa-r1\ndata: { train: a }\ncoupling: { eta: 2 }\n');
    expect(config).toMatchObject({ coupling: { eta: 2, threshold: 0.5 }, sampling: { group_size: 8 } });
  });

  describe.each(presets)('null in a config with preset %s', (preset) => {
    const tree = parse(readPreset(preset)!) as Tree;
    const data = { data: { train: 'rows.qa.jsonl' } };
    const resolve = (own: Tree, base: Tree) =>
      loadRun(stringify({ preset, ...data, ...own }), 'a.run.yaml', () => stringify(base));
    const told = ({ problems }: LoadedRun) =>
      problems.map(({ code, path, message }) => [code === 'required' ? 'missing' : code, path, message]);

    it.each(pathsIn(tree).map((path) => [path.join('.'), path] as const))(
      'property: null at %s equals the preset without the field, or reports a required field',
      (_, path) => {
        const removed = resolve(treeAt(path, null), tree);
        const without = resolve({}, withoutPath(tree, path));
        expect(removed.config).toEqual(without.config);
        const isRequired = removed.problems.some(({ code }) => code === 'required');
        expect(isRequired).toBe(without.problems.some(({ code }) => ['missing', 'one-of'].includes(code)));
        if (!isRequired) expect(told(removed)).toEqual(told(without));
        // What a run writes out has no trace of it.
        if (removed.config) expect(stringify(removed.config)).not.toMatch(/: null$/m);
      },
    );
  });

  it('reports null for required or misspelt fields, and removes rewards and sets by name', () => {
    const codes = (text: string) =>
      load(`preset: svqa-r1\ndata: { train: a, eval: { b: null } }\n${text}`).problems.map(
        ({ code, path, line }) => [code, path, line],
      );
    expect(codes('steps: null')).toEqual([['required', 'steps', 3]]);
    expect(codes('recipe: null')).toEqual([['required', 'recipe', 3]]);
    expect(codes('rewards: { semantik: null }')).toEqual([['unknown-field', 'rewards.semantik', 3]]);
    expect(codes('sampling: { topp: null }')).toEqual([['unknown-field', 'sampling.topp', 3]]);
    expect(codes('rewards: { brevity: null }\nsampling: { temperature: null }')).toEqual([]);
  });

  it('does not remove a section with only commented lines', () => {
    const { config, problems } = load('preset: svqa-r1\ndata: { train: a }\noptimizer:\n  # betas: [0, 0]\n');
    expect(config).toBeNull();
    expect(problems).toMatchObject([
      {
        line: 3,
        message: '"optimizer" has no value.',
        fix: 'Enter a value, or enter `null` to remove the field.',
      },
    ]);
  });

  it('loads svqa-r1 with the suggested lexical encoder, and without the semantic reward', () => {
    const text = 'preset: svqa-r1\ndata: { train: a }\n';
    const line = withoutEncoder(load(text).config as GrpoConfig);
    expect(line).toBe('rewards: { format: { weight: 0.5 }, semantic: { weight: 0.5, encoder: lexical } }');
    const own = readPreset('svqa-r1')!.replace(/^rewards:\n(?: .*\n)+/m, `${line}\n`);
    for (const pasted of [`${text}${line}\n`, `${own}data: { train: a }\n`])
      expect(load(pasted)).toMatchObject({
        problems: [],
        config: { rewards: { format: { weight: 0.5 }, semantic: { weight: 0.5, encoder: 'lexical' } } },
      });
    const parts = 'rewards: { semantic: null, accuracy: { weight: 0.5 } }\ncoupling: { signal: accuracy }\n';
    expect(load(`${text}${parts}`)).toMatchObject({
      problems: [],
      config: { rewards: { semantic: { weight: 0 }, accuracy: { weight: 0.5 } } },
    });
  });

  it('does not merge settings of two engine kinds', () => {
    const { config, problems } = load(
      'preset: svqa-r1\nengine: { kind: embedded }\nsampling: { max_tokens: 20 }\ndata: { train: a }\n',
    );
    expect(problems).toEqual([]);
    expect(config?.engine).not.toHaveProperty('model');
  });

  it('reports the preset and the line of an invalid preset value', () => {
    const bad = 'recipe: grpo\nsteps: -1\nengine: { kind: embedded }\n';
    const { problems } = loadRun('preset: mine\ndata: { train: a }\n', 'a.run.yaml', () => bad);
    expect(problems[0]).toMatchObject({ file: 'preset mine', line: 2, path: 'steps' });
  });
});

/** What the user wrote wrong, and what the message must say: its text, place and fix. */
const mistakes: [name: string, text: string, expected: { line: number; message: RegExp; fix?: RegExp }][] = [
  ['a tab', changed('  kind: embedded', '\tkind: embedded'), { line: 4, message: /tab/i }],
  ['an unclosed quote', changed('rows.qa.jsonl', '"rows.qa.jsonl'), { line: 14, message: /quote/i }],
  ['a duplicate key', `${minimal}steps: 4\n`, { line: 14, message: /^"steps" is already set in line 2\.$/ }],
  [
    'wrong indentation',
    changed('  train: rows.qa.jsonl', 'train: rows.qa.jsonl'),
    { line: 5, message: /"data" has no value/ },
  ],
  ['an empty file', '', { line: 1, message: /no settings/, fix: /preset: demo/ }],
  ['a list instead of settings', '- a\n', { line: 1, message: /no settings/ }],
  [
    'an unknown preset',
    'steps: 3\npreset: svqa-r\n',
    {
      line: 2,
      message: /Preset "svqa-r" does not exist/,
      fix: /^Did you mean "svqa-r1"\? Presets: .*\bdemo-sft\b/,
    },
  ],
  [
    'a misspelt field',
    changed('steps: 10', 'steps: 10\nsede: 3'),
    { line: 3, message: /Unknown field "sede"/, fix: /"seed"/ },
  ],
  [
    'a misspelt nested field',
    changed('  max_tokens', '  max_token'),
    { line: 11, message: /Unknown field "max_token"/, fix: /"max_tokens"/ },
  ],
  [
    'a field in the wrong section',
    changed('sampling:', 'sampling:\n  beta: 0.1'),
    { line: 11, message: /Unknown field "beta"/, fix: /^Did you mean "loss\.beta"\?$/ },
  ],
  [
    'a misspelt field in the wrong section',
    changed('steps: 10', 'steps: 10\nlerning_rate: 3'),
    { line: 3, message: /Unknown field "lerning_rate"/, fix: /^Did you mean "optimizer\.learning_rate"\?$/ },
  ],
  [
    'a field that no section has',
    changed('sampling:', 'sampling:\n  colour: red'),
    { line: 11, message: /Unknown field "colour"/, fix: /Known fields: group_size/ },
  ],
  [
    'a misspelt reward',
    changed('sampling:', '  sematic: { weight: 1 }\nsampling:'),
    { line: 10, message: /Unknown field "sematic"/, fix: /^Did you mean "semantic"\?$/ },
  ],
  [
    'a custom reward without a command',
    changed('sampling:', '  kindness: { weight: 1 }\nsampling:'),
    { line: 10, message: /Unknown field "kindness"/, fix: /requires a command/ },
  ],
  [
    'a command as a shell line',
    changed('sampling:', '  kindness: { weight: 1, command: python kind.py }\nsampling:'),
    { line: 10, message: /"rewards\.kindness\.command": must be a list/ },
  ],
  [
    'a reward with an invalid name',
    changed('sampling:', "  'a.b': { weight: 1, command: [python, kind.py] }\nsampling:"),
    { line: 10, message: /"a\.b" is not a valid name/ },
  ],
  [
    'a short name that resembles fields of other sections',
    changed('sampling:', 'sampling:\n  stop: [x]'),
    { line: 11, message: /Unknown field "stop"/, fix: /Known fields: group_size/ },
  ],
  ['a missing field', changed('steps: 10\n', ''), { line: 1, message: /"steps" is missing/, fix: /preset/ }],
  [
    'a missing section',
    changed('data:\n  train: rows.qa.jsonl\n', ''),
    { line: 1, message: /"data" is missing/ },
  ],
  ['a missing recipe', changed('recipe: grpo\n', ''), { line: 1, message: /"recipe"/, fix: /sft, grpo/ }],
  [
    'an unknown recipe',
    changed('recipe: grpo', 'recipe: ppo'),
    { line: 1, message: /"recipe": must be one of sft, grpo, not "ppo"/ },
  ],
  [
    'an unknown engine',
    changed('kind: embedded', 'kind: jax'),
    { line: 4, message: /"engine.kind": must be one of embedded, torch, tinker, not "jax"/ },
  ],
  [
    'an empty text',
    changed('kind: embedded', 'kind: torch\n  model: ""'),
    { line: 5, message: /"engine.model": must be text of at least 1 character, not ""\.$/ },
  ],
  [
    'text for a number',
    changed('steps: 10', 'steps: many'),
    { line: 2, message: /"steps": must be .*not "many"/ },
  ],
  [
    'a fraction of a step',
    changed('steps: 10', 'steps: 1.5'),
    { line: 2, message: /"steps": must be a whole number, not 1\.5\.$/ },
  ],
  [
    'a negative number',
    changed('steps: 10', 'steps: -1'),
    { line: 2, message: /"steps": must be at least 0, not -1\.$/ },
  ],
  [
    'a number out of range',
    changed('  max_tokens: 16', '  top_p: 1.5'),
    { line: 11, message: /top_p": must be at most 1, not 1\.5\.$/ },
  ],
  [
    'a group of one completion',
    changed('  max_tokens: 16', '  group_size: 1'),
    { line: 11, message: /group_size": must be at least 2, not 1\.$/ },
  ],
  [
    'a value outside a list',
    changed('  mirror: false', '  unpaired: maybe'),
    { line: 13, message: /must be one of keep, drop, not "maybe"\.$/ },
  ],
  [
    'a text instead of true or false',
    changed('  mirror: false', '  mirror: perhaps'),
    { line: 13, message: /must be true or false, not "perhaps"\.$/ },
  ],
  [
    'a YAML "off" read as text',
    `${minimal}dynamic_sampling:\n  mode: of\n`,
    { line: 15, message: /must be one of off, skip, refill, not "of"\.$/ },
  ],
  ['a prompt without the question', `${minimal}prompt: Look!\n`, { line: 14, message: /\{question\}/ }],
  [
    'attention heads that do not divide the width',
    changed('kind: embedded', 'kind: embedded\n  heads: 7'),
    { line: 5, message: /7 heads/, fix: /multiple/ },
  ],
  [
    'more layers than a tiny model allows',
    changed('kind: embedded', 'kind: embedded\n  layers: 2147483648'),
    { line: 5, message: /"engine.layers": must be at most 256, not 2147483648\.$/ },
  ],
  [
    'a model that is not tiny',
    changed('kind: embedded', 'kind: embedded\n  width: 4096\n  layers: 256'),
    { line: 5, message: /51540 million parameters\. .* up to 200 million/, fix: /smaller width/ },
  ],
  [
    'patches that do not tile the image',
    changed('kind: embedded', 'kind: embedded\n  patch_size: 15'),
    { line: 5, message: /15 does not divide the image size 64/ },
  ],
  ['no reward', changed('    weight: 1', '    weight: 0'), { line: 7, message: /training has no signal/ }],
  [
    'coupling without its reward',
    changed('  mirror: false', '  mirror: true'),
    { line: 1, message: /semantic reward/, fix: /coupling.eta to 0/ },
  ],
  [
    'a biased ratio',
    changed('  max_tokens: 16', '  max_tokens: 16\n  top_p: 0.9'),
    { line: 12, message: /R51/, fix: /allow_biased_ratio/ },
  ],
  [
    'dropout in RL',
    'preset: svqa-r1\ndata: { train: a }\nengine:\n  adapter:\n    dropout: 0.1\n',
    { line: 5, message: /dropout/ },
  ],
  [
    'an adapter on an untrained model',
    changed('kind: embedded', 'kind: embedded\n  adapter: { rank: 8 }'),
    { line: 5, message: /new embedded model has random weights/, fix: /init/ },
  ],
  [
    'an adapter with a rank above the matrix size',
    changed('kind: embedded', 'kind: embedded\n  adapter: { rank: 97 }').concat('init: a\n'),
    { line: 5, message: /larger than the width of the model, 96/ },
  ],
  [
    'an adapter on a matrix that the model lacks',
    changed('kind: embedded', 'kind: embedded\n  adapter: { targets: [gate_proj] }').concat('init: a\n'),
    { line: 5, message: /must be one of q_proj, k_proj, .*down_proj, not "gate_proj"\.$/ },
  ],
  [
    'completions too long for the model',
    changed('max_tokens: 16', 'max_tokens: 99'),
    { line: 11, message: /at most 32 words/ },
  ],
  [
    'a best checkpoint chosen on an unknown set',
    `${minimal}checkpoint:\n  keep_best: val/original\n`,
    { line: 15, message: /"val.original"/, fix: /data.eval/ },
  ],
];

describe('views of a run', () => {
  const views = (text: string) => load(changed('mirror: false', text));
  const resolved = (text: string) => {
    const { config } = views(text);
    return config?.recipe === 'grpo' ? config.views : null;
  };

  it('views of a run resolve to the mirror, to an empty list, or to a list of views', () => {
    expect(resolved('mirror: true\ncoupling: { eta: 0 }')).toEqual({ mirror: true, unpaired: 'keep' });
    const listed = 'use: [flip, mirror+converse]\ncoupling: { eta: 0 }';
    const found = resolved(listed);
    expect(found).toEqual({
      mirror: false,
      use: ['flip', 'mirror+converse'],
      partner: 'first',
      unpaired: 'keep',
    });
    expect(partnersOf(found!)).toEqual(['flip', 'mirror+converse']);
    expect(resolved('use: []')).toMatchObject({ mirror: false, use: [] });
    expect(partnersOf({ mirror: true })).toEqual(['mirror']);
  });

  it.each([
    ['use: [original]', 'must not contain original'],
    ['use: [flip, flip]', 'contains a view twice'],
    ['use: [sideways]', 'Unknown view "sideways"'],
    ['use: [flip]\n  partner: hard', 'hardest'],
    ['use: [flip]', 'The coupling acts on the semantic reward, whose weight is 0'],
    ['use: [flip]\ncoupling: { signal: accuracy }', 'The coupling acts on the accuracy reward'],
  ])('rejects the views %s', (text, message) => {
    const { config, problems } = views(text);
    expect(config).toBeNull();
    expect(problems.map(({ message, fix }) => `${message} ${fix}`).join()).toContain(message);
  });

  it('rejects the agreement reward without views', () => {
    const text = minimal.replace('  format:', '  agreement: { weight: 1 }\n  format:');
    expect(load(text).problems.map(({ code }) => code)).toContain('agreement-without-view');
  });
});

describe('invalid config', () => {
  it.each(mistakes)('reports the invalid field %s with line and fix', (_, text, expected) => {
    const { config, problems } = load(text);
    expect(config).toBeNull();
    const found = problems.find((p) => p.severity === 'error' && expected.message.test(p.message));
    expect(found, JSON.stringify(problems, null, 1)).toBeDefined();
    expect(found!.line, JSON.stringify(found)).toBe(expected.line);
    if (expected.fix) expect(found!.fix ?? '').toMatch(expected.fix);
  });

  it('reports all mistakes of a config at once', () => {
    const { problems } = load(changed('steps: 10', 'steps: x\nsede: 1'));
    expect(problems.map((p) => p.path).sort()).toEqual(['sede', 'steps']);
  });

  it.each([
    // `target` of the preset and `batch.samples` belong to SFT, `coupling` to GRPO.
    ['recipe', ['data'], 'preset: demo-sft\nrecipe: gpro\nsteps: x\nbatch: { samples: 3 }\nsede: 1\n'],
    ['preset', [], 'preset: dmeo\nsteps: x\ncoupling: { eta: 1 }\nbatch: { samples: 3 }\nsede: 1\n'],
  ])('reports only what does not depend on it while the %s is wrong, by line', (wrong, rest, text) => {
    const { problems } = load(text);
    expect(problems.map(({ path }) => path)).toEqual([...rest, wrong, 'steps', 'sede']);
    expect(problems.every(({ file }) => file === 'a.run.yaml')).toBe(true);
  });

  it('names the recipe of a field in a section, and shows an example where a section is due', () => {
    const { problems } = load(
      `${minimal}batch: { samples: 3 }\n`.replace('train: rows.qa.jsonl', 'train: a\n  eval: b.qa.jsonl'),
    );
    expect(problems.map(({ path, fix }) => [path, fix])).toEqual([
      ['data.eval', 'Evaluation sets by name. Example: `eval: { val: val.qa.jsonl }`.'],
      ['batch.samples', expect.stringMatching(/^The field belongs to SFT\./)],
    ]);
    expect(
      load(minimal.replace(/ {2}kind.*\n/, '').replace('engine:', 'coupling: 3\nengine:')).problems,
    ).toContainEqual(
      expect.objectContaining({ path: 'coupling', fix: expect.stringMatching(/^Known fields: mode, .*eta/) }),
    );
  });

  it.each(['recipe: grpp', 'recipe: ppo', ''])(
    'reports mistakes after %j as for a valid recipe',
    (recipe) => {
      const mistakes = (text: string) =>
        load(text.replace('steps: 10', 'stepz: 10\nval: x').replace('kind: embedded', 'kind: embeded'));
      const paths = mistakes(changed('recipe: grpo', recipe)).problems.map(({ path, fix }) => [path, fix]);
      const valid = mistakes(changed('', '')).problems.map(({ path, fix }) => [path, fix]);
      expect(valid).toHaveLength(3);
      expect(paths).toEqual(expect.arrayContaining(valid));
      expect(paths.filter(([path]) => path === 'recipe')).toHaveLength(1);
    },
  );
});

describe('runConfigJsonSchema', () => {
  it('describes every field, with values from the papers', () => {
    const text = JSON.stringify(runConfigJsonSchema());
    expect(text).toContain('"description":"Completions per prompt (G)."');
    expect(text).toContain('"paper":"SVQA-R1: 8. Released code of arXiv 2507.13362: 4."');
  });
});

it('editorJsonSchema: requires no field that a preset can set, and cites paper values', () => {
  const text = JSON.stringify(editorJsonSchema('run'));
  expect(text).not.toMatch(/"(?:required|oneOf)":/);
  expect(text).toContain(
    '"markdownDescription":"Completions per prompt (G).\\n\\n**In the papers**: SVQA-R1: 8.',
  );
  // Fields that differ by recipe stay apart.
  const { anyOf } = editorJsonSchema('run') as { anyOf: { properties: object }[] };
  expect(anyOf.map(({ properties }) => 'sampling' in properties)).toEqual([false, true]);
});

it('loadRun: reports mistakes after a misspelt preset as for the preset that was meant', () => {
  const text = 'preset: demo\nstpes: 3\nlerning_rate: 1\ndata: { train: a }\n';
  const [misspelt, meant] = ['demoo', 'demo'].map((preset) =>
    load(text.replace('demo', preset)).problems.map(({ path }) => path),
  );
  expect(meant).toEqual(['stpes', 'lerning_rate']);
  expect(misspelt).toEqual(['preset', ...meant!]);
});

it.each(['coupling: { eta: 1 }', 'coupling:', 'coupling: {}'])(
  'loadRun: reports the recipe of %s',
  (field) => {
    const preset = () => 'recipe: sft\nsteps: 1\nengine: { kind: embedded }\n';
    const { problems } = loadRun(`preset: mine\ndata: { train: a }\n${field}\n`, 'a.run.yaml', preset);
    expect(problems.map(({ message, line }) => [message, line])).toEqual([['Unknown field "coupling".', 3]]);
    expect(problems[0]!.fix).toMatch(/^The field belongs to GRPO\./);
  },
);

it('loadRun: reports the engine of a field from another engine', () => {
  const text = minimal.replace('kind: embedded', 'kind: embedded\n  micro_tokens: 9');
  const { problems } = loadRun(text, 'a.run.yaml', () => null);
  expect(problems.map(({ fix }) => fix)).toContainEqual(
    expect.stringMatching(/^The field belongs to engine kind torch\./),
  );
});

it('loadRun: reports the recipe of a field from another recipe, and no misspelling', () => {
  const { problems } = loadRun(
    'preset: mine\nrecipe: sft\ndata: { train: a }\n',
    'a.run.yaml',
    () => 'recipe: grpo\nsteps: 1\nengine: { kind: embedded }\ncoupling: { eta: 1 }\n',
  );
  expect(problems.map(({ message, fix }) => [message, fix])).toContainEqual([
    'Unknown field "coupling".',
    expect.stringContaining('belongs to GRPO.'),
  ]);
});

it('loadRun: explains twenty unknown fields of a section, and counts further unknown fields', () => {
  const { problems } = load(
    `${minimal}${Array.from({ length: 1000 }, (_, i) => `key${i}: ${i}\n`).join('')}`,
  );
  expect(problems).toHaveLength(21);
  expect(problems.at(-2)).toMatchObject({ message: 'Unknown field "key19".', line: 33 });
  expect(problems.at(-1)).toMatchObject({ message: '980 more unknown fields.', line: 34 });
});

it('loadRun: reports a duplicate key in a nested section', () => {
  const { problems } = load('a: 1\nb: [{ c: 1 }, { d: 1, e: 2, d: 3 }]\na.b: 2\n');
  const message = '"d" is already set in line 2.';
  expect(problems).toContainEqual(expect.objectContaining({ code: 'yaml', line: 2, column: 29, message }));
  expect(problems.map(({ path }) => path)).toContain('a'); // other problems stay visible
  const sweep = loadSweep('base: {}\nbase: {}\nvery: 1\n', 'a.sweep.yaml', {
    readPreset,
    readConfig: () => null,
  });
  expect(sweep.problems).toMatchObject([
    { message: '"base" is already set in line 1.', line: 2 },
    { path: 'compare' },
    { path: 'very', line: 3 },
  ]);
  expect(sweep.sweep).toBeNull();
});

it('loadMetrics: reads custom metrics as named commands, with their location', () => {
  expect(loadMetrics('politeness: { command: [python, metrics.py] }', 'm.yaml').metrics).toMatchObject([
    { name: 'politeness', at: 'm.yaml.politeness', command: ['python', 'metrics.py'] },
  ]);
});

it.each([
  ['a: {comand: [x]}', /Unknown field "comand"/],
  // What is not YAML is said to be that, and not to lack fields.
  ['a: [', /Flow sequence/],
])('loadMetrics: rejects %s with a message', (text, why) => {
  const { metrics, problems } = loadMetrics(text, 'm.yaml');
  expect(metrics).toBeNull();
  expect(problems[0]!.message).toMatch(why);
});
