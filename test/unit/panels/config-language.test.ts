import { readdirSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { checkConfig } from '../../../src/core/config/editor/config-mistakes.ts';
import { completeConfig, type Completion } from '../../../src/core/config/editor/complete-config.ts';
import type { Presets } from '../../../src/core/config/editor/presets.ts';
import { valueText, hoverConfig } from '../../../src/core/config/editor/hover.ts';
import { configService } from '../../../src/panels/config-language.reads.ts';
import { cursorAt } from '../../../src/core/config/editor/cursor.ts';
import { loadRun } from '../../../src/core/config/load.ts';
import { VIEW_IDS } from '../../../src/rows/view-list.ts';
import { isSlow } from '../../support/slow.ts';

const SUFFIX = '.run.yaml';
const names = readdirSync('library/presets').map((file) => file.slice(0, -SUFFIX.length));
const read = (name: string) =>
  names.includes(name) ? readFileSync(`library/presets/${name}${SUFFIX}`, 'utf8') : null;
const presets: Presets = { list: () => names.map((name) => ({ name, about: 'About.' })), read };

/** A text with \`‸\` where the cursor stands. */
function at(marked: string): [string, number] {
  const offset = marked.indexOf('‸');
  return [marked.replace('‸', ''), offset];
}
const spot = (marked: string) => {
  const found = cursorAt(...at(marked));
  return found && `${found.kind} ${found.path.join('.')}`;
};
const complete = (marked: string) => completeConfig(...at(marked), presets);
const labels = (marked: string) => complete(marked)?.items.map(({ label }) => label) ?? null;
const item = (marked: string, label: string): Completion =>
  complete(marked)!.items.find((each) => each.label === label)!;

describe('cursorAt', () => {
  test.each([
    // block style
    ['‸', 'key '],
    ['rec‸', 'key '],
    ['recipe: ‸', 'value recipe'],
    ['recipe: gr‸', 'value recipe'],
    ['recipe: gr‸po', 'value recipe'],
    ['re‸cipe: grpo', 'key '],
    ['steps: 3\n‸', 'key '],
    ['steps: 3\nse‸\nseed: 1', 'key '],
    ['rewards:\n  ‸', 'key rewards'],
    ['rewards:\n  format:\n    wei‸', 'key rewards.format'],
    ['rewards:\n  format:\n    weight: 1\n  ‸', 'key rewards'],
    ['rewards:\n  format:\n    weight: 1\n    ‸', 'key rewards.format'],
    ['rewards:\n  format:\n    weight: 1\n‸', 'key '],
    ['rewards:\n\n  # why\n\n  ‸\n\nsteps: 1', 'key rewards'],
    ['rewards:\n  ‸\n  semantic:\n    weight: 1', 'key rewards'],
    ['rewards:\r\n  ‸\r\nsteps: 1', 'key rewards'],
    ['"rewards":\n  ‸', 'key rewards'],
    ['recipe: "gr‸"', 'value recipe'],
    ["recipe: '‸", 'value recipe'],
    ['steps: 3 # a comment\nse‸', 'key '],
    // flow style, lists
    ['rewards: { ‸', 'key rewards'],
    ['rewards: { format: { wei‸', 'key rewards.format'],
    ['rewards: { format: { weight: 0.5 }, ‸ }', 'key rewards'],
    ['rewards: { format: { weight: 0.5 }, se‸ }\nsteps: 1', 'key rewards'],
    ['rewards: { semantic: { encoder: ‸ } }', 'value rewards.semantic.encoder'],
    ['rewards:\n  semantic: { weight: 1, encoder: mi‸ }', 'value rewards.semantic.encoder'],
    ['rewards: {\n  format: { weight: 1 },\n  ‸\n}', 'key rewards'],
    ['evaluate:\n  views: [original, ‸]', 'value evaluate.views'],
    ['evaluate:\n  views: [‸', 'value evaluate.views'],
    ['evaluate:\n  views:\n    - ‸', 'value evaluate.views'],
    ['evaluate:\n  views:\n    - original\n    - mi‸', 'value evaluate.views'],
    // broken below, or above
    ['rewards:\n  ‸\n    wrong: [\n  : {', 'key rewards'],
    ['steps: [1\nrewards:\n  format:\n    ‸', 'key rewards.format'],
    ['steps: 1: 2\nrewards:\n  ‸', 'key rewards'],
    ['rubbish\nrewards:\n  ‸', 'key rewards'],
  ])('cursorAt locates the cursor in %j', (marked, expected) => expect(spot(marked)).toBe(expected));

  test.each([
    'steps: 3 # com‸ment',
    '# rec‸',
    'prompt: >-\n  Look at ‸ it.',
    'prompt: |\n  One\n  ‸\nsteps: 1',
    'prompt: "a text of wor‸ds"',
    'prompt: look at ‸',
    'steps: 3\n   ‸',
  ])('cursorAt returns null where no key or value fits: %j', (marked) => expect(spot(marked)).toBe(null));

  test('property: cursorAt: finds the path of every key of every preset, at any position', () => {
    for (const name of names) {
      const text = read(name)!;
      for (const { index, 1: indent, 2: key } of text.matchAll(/^( *)([a-z_]+):/gm)) {
        const from = index + indent!.length;
        for (const offset of [from, from + 1, from + key!.length]) {
          const found = cursorAt(text, offset);
          expect(found, `${name}:${offset}`).toMatchObject({
            kind: 'key',
            from,
            to: from + key!.length,
            hasColon: true,
          });
          expect(found!.path.length).toBe(indent!.length / 2);
        }
      }
    }
  });

  test.each(['run', 'sweep'] as const)('property: language features never throw for any %s', (kind) => {
    const pieces = [...'{}[],"\'#\n\tx?%1', '  ', ': ', '- ', '|\n', '&a ', '*a', '<<: ', '!!map', '---\n'];
    const sections = ['recipe: grpo\n', 'rewards:\n', 'vary:', 'cells:', 'small:', 'base:'];
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...pieces, ...sections), { maxLength: 20 }),
        fc.nat(),
        (words, n) => {
          const text = words.join('');
          const offset = n % (text.length + 1);
          completeConfig(text, offset, presets, kind);
          hoverConfig(text, offset, presets, kind);
          const mistakes = checkConfig(text, presets, { exists: () => false, kind });
          for (const { line, from, to } of mistakes) {
            const length = text.split(/\r?\n/)[line]?.length;
            expect(length).toBeDefined();
            expect(0 <= from && from <= to && to <= length!).toBe(true);
          }
        },
      ),
      { numRuns: isSlow ? 500 : 50 },
    );
  });
});

describe('completeConfig', () => {
  test('offers the fields of the selected recipe and engine, or otherwise all fields', () => {
    expect(labels('recipe: sft\n‸')).toContain('target');
    expect(labels('recipe: sft\n‸')).not.toContain('sampling');
    expect(labels('recipe: grpo\n‸')).toContain('sampling');
    expect(labels('‸')).toEqual(expect.arrayContaining(['recipe', 'target', 'sampling']));
    expect(labels('engine:\n  kind: torch\n  ‸')).toContain('model');
    expect(labels('engine:\n  kind: torch\n  ‸')).not.toContain('layers');
    expect(labels('engine: { kind: embedded, ‸ }')).toContain('layers');
  });

  test('offers the fields of a preset’s recipe, and shows the values of the preset', () => {
    expect(labels('preset: demo\n‸')).toContain('coupling');
    expect(labels('preset: demo-sft\n‸')).not.toContain('coupling');
    const [, steps] = /^steps: (\d+)$/m.exec(read('demo')!)!;
    expect(item('preset: demo\n‸', 'steps')).toMatchObject({ detail: steps });
    expect(item('preset: demo\nloss:\n  ‸', 'beta').about).toContain('Preset `demo`: `0.01`');
    expect(item('‸', 'steps').detail).toBe('required');
  });

  test('offers no field twice, even after a broken line', () => {
    expect(labels('steps: 1\n‸\nseed: 2')).not.toEqual(expect.arrayContaining(['steps']));
    expect(labels('steps: 1\n‸\nseed: 2')).not.toContain('seed');
    expect(labels('rewards: { format: { weight: 1 }, ‸, numeric: { weight: 1 } }')).toEqual(
      expect.not.arrayContaining(['format', 'numeric']),
    );
  });

  test('writes sections and values in the surrounding style', () => {
    expect(item('‸', 'rewards').snippet).toBe('rewards:\n  $0');
    expect(item('rewards: { ‸ }', 'semantic').snippet).toBe('semantic: { $0 }');
    expect(item('loss:\n  ‸', 'beta').snippet).toBe('beta: ${1:0.04}');
    expect(item('recipe: grpo\n‸', 'prompt').snippet).toBe("prompt: ${1:'{question\\}'}");
    expect(item('optimizer:\n  ‸', 'schedule').snippet).toBe('schedule: ${1|constant,linear,cosine|}');
    expect(item('dynamic_sampling:\n  ‸', 'mode').snippet).toBe("mode: ${1|'off',skip,refill|}");
    expect(item('evaluate:\n  ‸', 'views').snippet).toBe('views: ${1:[original, mirror]}');
    expect(item('‸', 'recipe').snippet).toBe('recipe: ${1|sft,grpo|}');
    expect(item('engine:\n  kind: torch\n  ‸', 'kind')).toBeUndefined();
    expect(item('en‸: { kind: torch }', 'engine').snippet).toBe('engine');
  });

  test('completeConfig offers values, and marks the default', () => {
    expect(labels('recipe: ‸')).toEqual(['sft', 'grpo']);
    expect(labels('recipe: grpo‸')).toEqual(['sft', 'grpo']);
    expect(labels('preset: demo\nrecipe: ‸')).toEqual(['sft', 'grpo']);
    expect(item('recipe: ‸', 'sft').about).toContain('SFT for coverage');
    expect(labels('engine: { kind: ‸ }')).toEqual(expect.arrayContaining(['embedded', 'torch']));
    expect(item('optimizer:\n  schedule: ‸', 'constant').detail).toBe('default');
    expect(labels('evaluate:\n  at_start: ‸')).toEqual(['true', 'false']);
    expect(labels('evaluate:\n  views: [‸]')).toEqual(VIEW_IDS);
    expect(labels('recipe: grpo\nviews:\n  use: [‸]')).toEqual(VIEW_IDS);
    expect(labels('recipe: grpo\nviews:\n  partner: ‸')).toEqual(['first', 'uniform', 'hardest']);
    expect(labels('recipe: grpo\ncoupling:\n  signal: ‸')).toContain('accuracy');
    expect(labels('recipe: grpo\nrewards:\n  agreement:\n    ‸')).toEqual(['weight', 'rows']);
    expect(labels('advantages:\n  ddof: ‸')).toEqual(['0', '1']);
    expect(labels('preset: ‸')).toEqual(names);
    expect(labels('loss:\n  beta: ‸')).toEqual(['0.04']);
  });

  test('offers the evaluated set and view pairs for keep_best', () => {
    const text = 'data:\n  eval: { val: a, test: b }\ncheckpoint:\n  keep_best: ‸\n';
    expect(labels(text)).toEqual(['val/original', 'val/mirror', 'test/original', 'test/mirror']);
    expect(labels(`evaluate: { views: [polarity] }\n${text}`)).toEqual(['val/polarity', 'test/polarity']);
  });

  test('requests data files where the config expects a dataset', () => {
    expect(complete('data:\n  train: ‸')!.dataFiles).toBe(true);
    expect(complete('data:\n  eval:\n    val: ‸')!.dataFiles).toBe(true);
    expect(complete('data:\n  order: ‸')!.dataFiles).toBe(false);
  });

  test('completeConfig replaces the word at the cursor', () => {
    const [text, offset] = at('recipe: grpo\nsam‸pling:\n  top_p: 1');
    const { from, to } = completeConfig(text, offset, presets)!;
    expect(text.slice(from, to)).toBe('sampling');
  });

  test('property: a config of offered fields and defaults: has no unknown field or wrong value', () => {
    const plain = (snippet: string) =>
      snippet
        .replace(/\$\{1\|((?:\\.|[^,|])*).*?\|\}/, '$1')
        .replace(/\$\{1:((?:\\.|[^}])*)\}/, '$1')
        .replace(/\\(.)/g, '$1');
    const build = (text: string, path: string): string => {
      let grown = text;
      for (const { label, kind, snippet } of completeConfig(grown, grown.length, presets)!.items) {
        if (kind !== 'field' || snippet.includes('$1') || /ddof|^(?:preset|recipe|kind)$/.test(label))
          continue;
        grown += `${plain(snippet)}\n${path}`;
      }
      return grown;
    };
    for (const [section, head] of [
      ['', ''],
      ['loss', 'loss:\n  '],
      ['sampling', 'sampling:\n  '],
      ['optimizer', 'optimizer:\n  '],
      ['advantages', 'advantages:\n  '],
      ['evaluate', 'evaluate:\n  '],
    ]) {
      const text = build(`recipe: grpo\nengine: { kind: embedded }\n${head}`, section === '' ? '' : '  ');
      const { problems } = loadRun(`${text}\n`, 'x', read);
      expect(
        problems.filter(({ code }) => !['missing'].includes(code)),
        text,
      ).toEqual([]);
    }
  });
});

describe('hoverConfig', () => {
  const hover = (marked: string) => hoverConfig(...at(marked), presets)?.text ?? null;

  test('describes a field with its values, default, paper settings and trade-off', () => {
    expect(hover('recipe: grpo\ncoupling:\n  e‸ta: 2')).toBe(
      [
        '**coupling.eta**',
        'Strength η of the view penalty. The better view loses η|Δ|. With 0, both views are trained without coupling.',
        'number from 0 · default `1`',
        '**In the papers**: SVQA-R1: 1. One table compares 0, 1, 2 and 10.',
        '**Trade-off**: A larger η inverts the order of more completions. Check the effect of the penalty (implementation choice R3, docs/papers.md).',
      ].join('\n\n'),
    );
    expect(hover('preset: demo\nloss: { be‸ta: 1 }')).toContain('Preset `demo`: `0.01`');
    expect(hover('engine: { kind: torch, adapter: { rank: 1‸6 } }')).toContain('Rank 16 has twice');
    expect(hover('recipe: gr‸po')).toContain('GRPO for precision');
    expect(hover('check‸point: { every: 3 }')).toContain(
      'Fields, with their defaults: `every: 100`, `keep_last: 2`, `keep_best`',
    );
    expect(hover('rec‸ipe: ')).toBe(
      [
        '**recipe**',
        '`sft`: supervised fine-tuning.',
        '`grpo`: GRPO, or Spatial-GRPO with mirrored views.',
        '**In the papers**: arXiv 2507.13362: SFT, the baseline for GRPO. arXiv 2507.13362: GRPO. SVQA-R1: Spatial-GRPO.',
        '**Trade-off**: Use SFT for coverage or if data is scarce. Use GRPO for precision and for answers that are robust to wording.',
      ].join('\n\n'),
    );
    expect(hover('rew‸ards: {}\nrecipe: grpo')).toContain('weighted sum');
    expect(hover('pre‸set: demo')).toMatch(/^- `demo(?:-sft)?`: About\.$/m);
  });

  test('explains a null that removes a value of a preset or base', () => {
    const about = '`null` removes the value set by preset `svqa-r1`.';
    for (const marked of [
      'preset: svqa-r1\nrewards: { semantic: ‸ }',
      'preset: svqa-r1\nrewards:\n  semantic: nu‸',
      'preset: svqa-r1\nrewards:\n  semantic:\n    encoder: ‸',
      'preset: svqa-r1\ncheckpoint: ‸',
    ])
      expect(item(marked, 'null'), marked).toMatchObject({ snippet: 'null', detail: 'remove', about });
    expect(hover('preset: svqa-r1\nrewards: { seman‸tic: null }')).toContain(about);
    const sweep = 'base: { trace: { every: 2 } }\ncells:\n  a: { trace: { every: ‸ } }';
    expect(completeConfig(...at(sweep), presets, 'sweep')!.items.at(-1)).toMatchObject({
      label: 'null',
      about: '`null` removes the value set by the base config.',
    });
    for (const marked of [
      'preset: svqa-r1\nsteps: ‸', // required
      'preset: svqa-r1\nengine: { kind: ‸ }',
      'preset: svqa-r1\nseed: ‸', // nothing to remove
      'preset: svqa-r1\nengine: { adapter: { targets: [‸] } }',
    ])
      expect(labels(marked), marked).not.toContain('null');
    expect(hover('preset: svqa-r1\nste‸ps: 3')).not.toContain('null');
  });

  test('explains a start from another condition or stage of a sweep', () => {
    const about = (marked: string) => hoverConfig(...at(marked), presets, 'sweep')!.text;
    const start = 'The run starts from the last checkpoint of its run with the same seed.';
    const text = 'stages: { see: { preset: demo-sft } }\nbase: { preset: demo, init: see }\ncells:\n';
    const cells =
      '  sft: { preset: demo-sft }\n  grpo: { preset: demo, init: sft }\n  other: { init: runs/a }\n';
    const all = text + cells;
    const hoverAt = (part: string) => about(all.replace(part, part.replace(/(.)$/, '‸$1')));
    expect(hoverAt('init: sft')).toContain(`\`sft\` is a condition of this sweep. ${start}`);
    expect(hoverAt('init: see')).toContain(`\`see\` is a stage of this sweep. ${start}`);
    expect(hoverAt('init: runs/a')).not.toContain('of this sweep');
    expect(hover('preset: demo\ninit: sf‸t')).not.toContain('of this sweep');
    const small = 'small: { cells: { a: { steps: 1 }, b: { init: ‸a } } }';
    expect(about(small)).toContain('`a` is a condition');
  });

  test('hoverConfig returns null for unknown text', () => {
    for (const text of [
      'nonsense‸: 1',
      'steps: 1\n‸',
      '# a com‸ment',
      'recipe: sft\nsampling: { top‸_p: 1 }',
      '- a‸',
    ]) {
      expect(hover(text)).toBe(null);
    }
  });

  test('expands the cited items and implementation choices below the text', () => {
    const ask = (marked: string) => {
      const [text, offset] = at(marked);
      return configService.hoverConfig({ kind: 'run', text, offset, presets: 'library/presets' })!.text;
    };
    const [above, below] = ask('recipe: grpo\nrewards: { exact‸_match: { weight: 1 } }').split('\n\n---\n\n');
    expect(above).toContain('−0.2 for an empty text (A-22 in docs/papers.md)');
    expect(below).toMatch(
      /^A-22: .+ −0\.2 for none\. rewards\.exact\\_match.+\n\nR38: .+ so Chirality normalises both texts\.$/,
    );
    expect(ask('recipe: grpo\nst‸eps: 3')).not.toContain('---');
  });

  test('hoverConfig returns the range of the key or value', () => {
    const [text, offset] = at('steps: 1\noptimizer:\n  schedule: cos‸ine');
    const { from, to } = hoverConfig(text, offset, presets)!;
    expect(text.slice(from, to)).toBe('cosine');
  });
});

describe('checkConfig', () => {
  const check = (text: string, options: Partial<Parameters<typeof checkConfig>[2]> = {}) =>
    checkConfig(text, presets, { exists: null, ...options }).map(({ code, line, from, to }) => [
      code,
      text.split('\n')[line]!.slice(from, to),
    ]);
  const good = 'preset: demo\ndata: { train: a.qa.jsonl }\n';

  test('reports problems in the order of their lines, so that a start names the first', () => {
    const text = `${good}rewards:\nstepz: 2\nsampling: { max_tokens: 0 }\nloss: 3\nwhat: 1\n`;
    const lines = checkConfig(text, presets, { exists: () => false }).map(({ line }) => line);
    expect(lines).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('reports each problem at the affected value, or at the field without a value', () => {
    expect(check(good)).toEqual([]);
    expect(check(`${good}sampling:\n  group_sise: 8\n`)).toEqual([['unknown-field', 'group_sise']]);
    expect(check(`${good}sampling:\n  group_size: 1\n`)).toEqual([['value', '1']]);
    expect(check(`${good}steps: -5 # few\nrecipe: grop\n`)).toEqual([
      ['value', '-5'],
      ['one-of', 'grop'],
    ]);
    expect(check(`${good}sampling: { group_size: "8", top_p: 1 }\n`)).toEqual([['value', '"8"']]);
    expect(check(`${good}steps: [1\n`)[0]![0]).toBe('yaml');
    expect(check('preset: nothing\n')).toEqual([['preset', 'nothing']]);
    expect(check(`${good}sampling: { top_p: 0.5 }\n`)).toEqual([['biased-ratio', '0.5']]);
    expect(check('')).toEqual([['empty', '']]);
    expect(check(`${good.replace('demo', '')}recipe: sft\n`)).toContainEqual(['value', 'preset']);
  });

  test('suggests the intended word for a typo in a field or value', () => {
    const text = `${good}sampling: { group_sise: 8 }\nadvantages:\n  scope: pairr\n`;
    const found = checkConfig(text, presets, { exists: null });
    expect(
      found.map(({ line, from, to, meant }) => [text.split('\n')[line]!.slice(from, to), meant]),
    ).toEqual([
      ['group_sise', 'group_size'],
      ['pairr', 'pair'],
    ]);
  });

  test('checkConfig reports missing files', () => {
    const text = `${good.replace('}', ', eval: { val: "b c.qa.jsonl" } }')}init: there\n`;
    const exists = (path: string) => path === 'there';
    expect(check(text, { exists })).toEqual([
      ['missing-file', 'a.qa.jsonl'],
      ['missing-file', '"b c.qa.jsonl"'],
    ]);
  });

  test('checkConfig marks the mistakes that a schema checker also finds', () => {
    const rules = (text: string) =>
      checkConfig(text, presets, { exists: null })
        .filter(({ bySchema }) => !bySchema)
        .map(({ code, line, from, to }) => [code, text.split('\n')[line]!.slice(from, to)]);
    expect(rules(`${good}sampling: { group_sise: 8 }\n`)).toEqual([]);
    expect(rules(`${good}sampling: { top_p: 0.5 }\n`)).toEqual([['biased-ratio', '0.5']]);
  });
});

describe('configService', () => {
  test('configService reads presets from their folder, by name only', () => {
    const ask = (text: string) =>
      configService.completeConfig({ kind: 'run', text, offset: text.length, presets: 'library/presets' })!
        .items;
    expect(
      ask('preset: ')
        .map(({ label }) => label)
        .sort(),
    ).toEqual([...names].sort());
    expect(ask('preset: ').find(({ label }) => label === 'svqa-r1')!.about).toContain(
      'SVQA-R1 as in the paper, Qwen2.5-VL-3B · eight GPUs',
    );
    expect(ask('preset: ../presets/demo\nengine: { ').map(({ label }) => label)).toContain('model');
  });

  test('configService resolves files relative to the config', () => {
    const text = 'preset: demo\ndata: { train: demo.run.yaml, root: gone }\n';
    const check = (path: string | null) =>
      configService
        .checkConfig({
          kind: 'run',
          text,
          presets: 'library/presets',
          path,
          root: path && dirname(path),
        })
        .map(({ message }) => message);
    expect(check('library/presets/x.run.yaml')).toEqual([
      'Folder gone does not exist. Paths are relative to this file.',
    ]);
    expect(check(null)).toEqual([]);
  });
});

describe('config language in a sweep', () => {
  const sweepBase = 'base:\n  preset: demo\n  data: { train: a, eval: { val: b } }\ncompare: { set: val }\n';
  const inSweep = (marked: string) => completeConfig(...at(marked), presets, 'sweep')!.items;
  const labelsIn = (marked: string) => inSweep(marked).map(({ label }) => label);

  test('completes sections of a sweep, and run fields in base, stages and cells', () => {
    expect(labelsIn('‸')).toEqual(expect.arrayContaining(['base', 'vary', 'cells', 'compare', 'small']));
    expect(labelsIn('compare: { metric: ‸')).toEqual(
      expect.arrayContaining(['consistent', 'distance/smape']),
    );
    expect(labelsIn('base:\n  ‸')).toContain('coupling');
    expect(labelsIn(`${sweepBase}cells:\n  a:\n    coupling: { ‸`)).toContain('eta');
    expect(labelsIn(`${sweepBase}stages:\n  see: { recipe: sft, ‸`)).toContain('target');
    expect(labelsIn(`${sweepBase}small:\n  base:\n    engine: { kind: ‸`)).toEqual([
      'embedded',
      'torch',
      'tinker',
    ]);
    const eta = inSweep(`${sweepBase}cells:\n  a:\n    coupling: { ‸`).find(({ label }) => label === 'eta')!;
    expect(eta.about).toContain('Preset `demo`: `1`');
  });

  test('offers the path and description of each field that can vary', () => {
    const eta = inSweep('vary:\n  ‸').find(({ label }) => label === 'coupling.eta')!;
    expect(eta).toMatchObject({ snippet: 'coupling.eta: [$1]', detail: '1' });
    expect(labelsIn('vary:\n  ‸')).toEqual(expect.arrayContaining(['engine.adapter.rank', 'steps']));
    expect(labelsIn('vary:\n  advantages.scope: [‸')).toEqual(['group', 'pair']);
    const [text, offset] = at('vary:\n  coupling.e‸ta: [1]\n');
    expect(hoverConfig(text, offset, presets, 'sweep')!.text).toContain('table compares 0, 1, 2 and 10');
  });

  test('reports mistakes in each condition and in the small variant, with their positions', () => {
    const check = (text: string) =>
      checkConfig(text, presets, { exists: null, kind: 'sweep' }).map(({ message, line }) => [message, line]);
    expect(check(`${sweepBase}vary: { coupling.eta: [0, 1] }\n`)).toEqual([]);
    expect(check(`${sweepBase}vary:\n  coupling.eta: [0,\n    -1]\n`)).toEqual([
      ['eta--1: "coupling.eta": must be at least 0, not -1.', 6],
    ]);
    expect(check(`${sweepBase}small:\n  seed: 1\n`)).toEqual([
      [expect.stringContaining('Unknown field "seed". Did you mean "seeds"?'), 5],
    ]);
  });
});

test('property: valueText: writes values that a config reads back', () => {
  const value = fc.oneof(
    fc.string(),
    fc.boolean(),
    fc.integer(),
    fc.constantFrom('off', 'yes', '1', '4bit', 'null', "it's", '{question}', 1e-8),
  );
  fc.assert(
    fc.property(value, (each) => {
      const { config, problems } = loadRun(`preset: ${valueText(each)}`, 'x', (name) =>
        name === String(each) ? '{}' : null,
      );
      expect(config).toBe(null);
      expect(problems.map(({ code }) => code)).not.toContain('preset');
      expect(problems.map(({ code }) => code)).not.toContain('yaml');
    }),
  );
});

describe('config language with very large input', () => {
  const check = (text: string, kind: 'run' | 'sweep', read = presets.read) =>
    checkConfig(text, { ...presets, read }, { exists: () => true, kind }).map(({ code, message }) => [
      code,
      message,
    ]);

  test.each([
    ['thousands of keys', Array.from({ length: 20_000 }, (_, i) => `key${i}: ${i}`).join('\n')],
    ['a long list', `steps: [${'1,'.repeat(200_000)}1]`],
    ['a long text', `recipe: "${'x'.repeat(1e6)}"`],
  ])('rejects %s as too long, without completion or hover', (_, text) => {
    for (const kind of ['run', 'sweep'] as const)
      expect(check(text, kind)).toEqual([['too-long', expect.stringContaining('The config is too long')]]);
    expect(completeConfig(text, text.length, presets)).toBeNull();
    expect(hoverConfig(text, 3, presets)).toBeNull();
  });

  test.each(readdirSync('library/sweeps'))('finds no mistake in %s', (name) => {
    expect(check(readFileSync(`library/sweeps/${name}`, 'utf8'), 'sweep')).toEqual([]);
  });

  const swept = (values: number, fields = ['coupling.eta']) => {
    const list = Array.from({ length: values }, (_, i) => i / 100).join(', ');
    const vary = fields.map((field) => `  ${field}: [${list}]`).join('\n');
    return `base:\n  preset: svqa-r1\n  data: { train: a.qa.jsonl, eval: { val: a.qa.jsonl } }\ncompare: { set: val, metric: consistent }\nvary:\n${vary}\nseeds: [1]\n`;
  };

  test('checks the first 40 of 1,000 conditions, and reads their preset once', () => {
    const read = vi.fn(presets.read);
    const found = check(swept(999), 'sweep', read);
    expect(found).toContainEqual([
      'not-checked',
      'Only the first 40 of 999 stages and cells are checked in the editor. To check all stages and cells, run `chirality sweep --dry-run`.',
    ]);
    expect(read.mock.calls).toEqual([['svqa-r1']]);
    expect(check(swept(4), 'sweep').map(([code]) => code)).not.toContain('not-checked');
  });

  test('reads and searches no files outside the open folder, and reports the omission', () => {
    const at = { path: resolve('library/sweeps/a.sweep.yaml'), root: resolve('library/sweeps') };
    const ask = (kind: 'run' | 'sweep', text: string) =>
      configService
        .checkConfig({ kind, text, presets: 'library/presets', ...at })
        .map(({ code, message }) => [code, message]);
    for (const config of ['../presets/demo.run.yaml', '/etc/passwd', '//server/share/a.run.yaml'])
      expect(ask('sweep', `config: ${config}\nvary: {}\n`)).toEqual([
        ['not-checked', expect.stringContaining(`${config} is outside the open folder`)],
      ]);
    const named = (train: string) => `preset: svqa-r1\ndata: { train: ${train} }\n`;
    const missing = (train: string) => ask('run', named(train)).filter(([code]) => code === 'missing-file');
    expect(missing('none.qa.jsonl')).toHaveLength(1);
    for (const path of ['../none.qa.jsonl', '//server/share/none.qa.jsonl'])
      expect(missing(path)).toEqual([]);
  });

  test('names the file that a missing path probably means', () => {
    const [name] = readdirSync('library/sweeps');
    const train = `${name!.slice(0, -2)}${name!.at(-1)}`; // one letter is missing
    const text = `preset: svqa-r1\ndata: { train: ./${train} }\n`;
    const at = { path: resolve('library/sweeps/a.run.yaml'), root: resolve('library/sweeps') };
    const [mistake] = configService
      .checkConfig({ kind: 'run', text, presets: 'library/presets', ...at })
      .filter(({ code }) => code === 'missing-file');
    expect(mistake!.message).toBe(`File ./${train} does not exist. Did you mean ${name}?`);
  });

  test('counts millions of conditions without creating them', () => {
    const fields = [
      'coupling.eta',
      'coupling.threshold',
      'loss.beta',
      'optimizer.learning_rate',
      'sampling.temperature',
      'sampling.top_p',
    ];
    expect(check(swept(12, fields), 'sweep')).toContainEqual([
      'cells',
      expect.stringMatching(/^The sweep has 2,985,984 cells\. The maximum is 1,000\./),
    ]);
  });
});
