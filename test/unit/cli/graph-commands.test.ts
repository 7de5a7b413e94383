import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { addComposeCommand } from '../../../src/cli/commands/graph-compose.command.ts';
import { addGraphCheckCommand, addGraphConvertCommand } from '../../../src/cli/commands/graph.command.ts';
import { addPolarityCommand } from '../../../src/cli/commands/view-polarity.command.ts';
import { runCommand } from '../../support/command.ts';
import { readRows } from '../../support/rows.ts';
import { folderOfTests } from '../../support/folder.ts';

const folder = folderOfTests('chirality-graph-');

const polarity = (...args: string[]) => runCommand(addPolarityCommand, 'polarity', ...args);
const compose = (...args: string[]) => runCommand(addComposeCommand, 'compose', ...args);
const check = (...args: string[]) => runCommand(addGraphCheckCommand, 'check', ...args);
const convert = (...args: string[]) => runCommand(addGraphConvertCommand, 'convert', ...args);

function write(name: string, ...lines: unknown[]): string {
  const path = join(folder, name);
  writeFileSync(
    path,
    lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''),
  );
  return path;
}
const rows = (path: string) => readRows(path);

const scene_graph = {
  version: 1,
  image: { w: 100, h: 100 },
  objects: ['cup', 'plate', 'bowl', 'fork', 'lamp'].map((label, i) => ({
    id: label,
    label,
    centroid: [10 + 20 * i, 90 - 20 * i],
    depth: 1 + ((3 * i) % 5),
  })),
  relations: [],
};
const sample = (id: string, question: string, answer: string, more: object = {}) => ({
  id,
  question,
  answer,
  images: ['x.png'],
  ...more,
});

describe('chirality view polarity', () => {
  const data = write(
    'polarity.qa.jsonl',
    sample('a', 'Is the cup left of the plate?', 'yes', { extra: 1 }),
    sample('b', 'Is the cup left of the plate?', 'no'),
    '{"id": "broken"',
    sample('c', 'How close is the cup to the plate?', '1 m'),
  );

  it('adds the opposite question, keeps the row, and reports bad rows with their line', async () => {
    const to = join(folder, 'flipped.qa.jsonl');
    const { err, code } = await polarity(data, '-o', to, '--json');
    expect(code).toBe(1);
    expect(err[0]).toContain(`${data}:3: error`);
    expect(rows(to).map((row) => row.variants?.polarity?.status)).toEqual([
      'flipped',
      'needs_info',
      'not_applicable',
    ]);
    expect(rows(to)[0]).toMatchObject({
      extra: 1,
      answer: 'yes',
      variants: { polarity: { question: 'Is the cup right of the plate?', answer: 'no', route: 'rules' } },
    });
    const summary = JSON.parse(err.at(-1)!) as object;
    expect(summary).toMatchObject({
      rows: 4,
      written: 3,
      bad: 1,
      status: { flipped: 1, needs_info: 1, not_applicable: 1 },
    });
  });

  it('flips a "no" with --ties-excluded, and leaves meta unchanged', async () => {
    const to = join(folder, 'no-ties.qa.jsonl');
    const { err } = await polarity(data, '-o', to, '--ties-excluded', '--explain');
    expect(rows(to)[1]).toMatchObject({ variants: { polarity: { status: 'flipped', answer: 'yes' } } });
    expect(rows(to)[1]).not.toHaveProperty('meta');
    expect(err.join('\n')).toContain('→ Is the cup right of the plate?');
  });
});

describe('chirality graph compose', () => {
  it('writes new rows once per graph, deterministically by seed', async () => {
    const data = write(
      'scenes.qa.jsonl',
      sample('a', 'Q?', 'A', { scene_graph }),
      sample('b', 'Another?', 'A', { scene_graph }),
      sample('c', 'No graph?', 'A'),
    );
    const [one, two] = [join(folder, 'one.qa.jsonl'), join(folder, 'two.qa.jsonl')];
    const { err, code } = await compose(data, '-o', one, '--count', '5', '--seed', '3', '--json');
    expect(code).toBe(0);
    await compose(data, '-o', two, '--count', '5', '--seed', '3');
    expect(readFileSync(two, 'utf8')).toBe(readFileSync(one, 'utf8'));
    expect(rows(one).map((row) => row.id)).toEqual(['a-c1', 'a-c2', 'a-c3', 'a-c4', 'a-c5']);
    expect(rows(one)[0]).toMatchObject({
      images: ['x.png'],
      meta: { composed_from: 'a' },
      scene_graph: { version: 1 },
    });
    expect(JSON.parse(err[0]!)).toMatchObject({ rows: 3, written: 5, without_graph: 1 });
  });

  it('writes both turns of two-stage answers', async () => {
    const data = write(
      'turns.qa.jsonl',
      sample('a', 'Is it?', 'Yes', { scene_graph }),
      sample('c', 'No graph?', 'A'),
    );
    const out = join(folder, 'both.qa.jsonl');
    const { err } = await compose(data, '-o', out, '--stages');
    expect(err.join('\n')).toContain('2 turns from 1 of 2 rows; 1 rows without a scene graph');
    const [graph, answer] = rows(out);
    expect(graph).toMatchObject({ id: 'a-graph', task: 'scenegraph', images: ['x.png'] });
    expect(graph!.question).toMatch(/^For the provided image .*\nIs it\?$/s);
    const drawn = JSON.parse(graph!.answer) as { objects: { label: string }[]; relations: object[] };
    expect(drawn.objects.map(({ label }) => label)).toEqual(scene_graph.objects.map(({ label }) => label));
    expect(answer).toMatchObject({ id: 'a-answer', question: `${graph!.answer} Is it?`, answer: 'Yes' });
  });

  it('accepts kinds of questions, and rejects unknown kinds', async () => {
    const data = write('one-scene.qa.jsonl', sample('a', 'Q?', 'A', { scene_graph }));
    const to = join(folder, 'kinds.qa.jsonl');
    await compose(data, '-o', to, '--kinds', 'negation', '--count', '3');
    expect(rows(to).map((row) => row.meta?.composed)).toEqual(['negation', 'negation', 'negation']);
    await expect(compose(data, '--kinds', 'riddle')).rejects.toThrow('Choose from');
    await expect(compose(data, '--count', '0')).rejects.toThrow('whole number');
  });
});

describe('chirality graph check', () => {
  it('reads rows, completions and bare graphs, and reports file, line and fix', async () => {
    const wrong = {
      ...scene_graph,
      relations: [{ subject: 'cup', predicate: 'right of', object: 'plate', frame: 'viewer' }],
    };
    const data = write(
      'graphs.jsonl',
      sample('good', 'Is the cup left of the plate?', 'yes', { scene_graph }),
      sample('edge', 'Is the bowl left of the fork?', 'yes', { scene_graph: wrong }),
      sample('answer', 'Which is leftmost, the cup or the vase?', 'the cup', { scene_graph }),
      sample('lie', 'Is the cup left of the plate?', 'no', { scene_graph }),
      {
        id: 'said',
        completion: 'Here:\n```json\n{"objects": ["cup"], "edges": [["cup", "on", "table"]]}\n```',
      },
      { id: 'prose', completion: 'A cup on a table.' },
      scene_graph,
      sample('none', 'Q?', 'A'),
    );
    const { out, code } = await check(data);
    expect(code).toBe(1);
    const text = out.join('\n');
    expect(text).toContain(
      `${data}:2: error: "cup right of plate" contradicts the centres of the two objects. (scene_graph.relations[0])\n  Write "left of"`,
    );
    expect(text).toContain(`${data}:3: warning: The question names "the vase"`);
    expect(text).toContain(`${data}:4: error: The answer contradicts the graph.`);
    expect(text).toContain(
      `${data}:5: error: The edge refers to "table", but the graph has no such object. (completion.relations[0].object)\n  Add the object "table".`,
    );
    expect(text).toContain(`${data}:6: error: The row has no scene graph.`);
    expect(text).toContain('7 graphs in 8 rows; rows without a graph: 1');
    expect(text).toContain('sources: whole 5, code_block 1, raw 1');
  });

  it('reports rows that are not objects, and continues', async () => {
    const data = write('odd.jsonl', sample('good', 'Q?', 'A', { scene_graph }), '[1, 2]', '"left"', 'null');
    const { out, code } = await check(data);
    expect(code).toBe(1);
    for (const line of [2, 3, 4])
      expect(out.join('\n')).toContain(`${data}:${line}: error: A row must be a JSON object.`);
    expect(out.join('\n')).toContain('1 graphs in 4 rows');
  });

  it('--json: lists every problem with its edits, and the summary last', async () => {
    const data = write('json.jsonl', {
      id: 'x',
      objects: [{ id: 'a', label: 'cup' }],
      relations: [['a', 'is', 'red']],
    });
    const { out, code } = await check(data, '--json');
    expect(code).toBe(1);
    const lines = out.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.find((line) => line.code === 'attribute-as-edge')).toMatchObject({
      file: data,
      line: 1,
      id: 'x',
      edits: [{ op: 'replace' }, { op: 'remove' }],
    });
    expect(lines.at(-1)).toMatchObject({
      summary: { rows: 1, graphs: 1, errors: { 'attribute-as-edge': 1 } },
    });
  });

  it('checks stored variants against the graph and its mirror', async () => {
    const good = { status: 'flipped', route: 'rules', rules: [], checks: {} };
    const data = write(
      'variants.jsonl',
      sample('a', 'Is the cup left of the plate?', 'yes', {
        scene_graph,
        variants: {
          mirror: { ...good, question: 'Is the cup right of the plate?', answer: 'no' },
          polarity: { ...good, question: 'Is the cup right of the plate?', answer: 'yes' },
        },
      }),
      sample('b', 'Is the cup closer to the camera than the plate?', 'yes', {
        scene_graph,
        variants: {
          mirror: {
            ...good,
            question: 'Is the cup closer to the camera than the plate?',
            answer: 'no',
            scene_graph,
          },
        },
      }),
    );
    const { out } = await check(data, '--json');
    const found = out.map((line) => JSON.parse(line) as { line?: number; code?: string });
    const codes = (line: number) => new Set(found.filter((one) => one.line === line).map((one) => one.code));
    expect(codes(1)).toEqual(new Set(['polarity-against-graph', 'mirror-against-graph']));
    expect(codes(2)).toEqual(new Set(['mirror-against-graph', 'answer-changed', 'not-the-mirror']));
  });
});

describe('chirality graph convert', () => {
  const gqa = (name: string) => ({ objects: { '1': { name, x: 0, y: 0, w: 5, h: 5, relations: [] } } });
  it('reads maps, lists, scenes and lines', async () => {
    const to = join(folder, 'converted.jsonl');
    const converted = async (...args: string[]) => {
      await convert(...args, '-o', to);
      return rows(to) as unknown as { id?: string; objects: { label: string }[] }[];
    };
    const map = await converted('--from', 'gqa', write('map.json', { img1: gqa('cup'), img2: gqa('plate') }));
    expect(map.map(({ id, objects }) => [id, objects[0]!.label])).toEqual([
      ['img1', 'cup'],
      ['img2', 'plate'],
    ]);
    const lines = await converted('--from', 'gqa', write('lines.jsonl', gqa('cup'), gqa('plate')));
    expect(lines).toHaveLength(2);
    const vg = { objects: [{ object_id: 1, names: ['cup'] }], relationships: [] };
    const list = await converted('--from', 'vg', write('list.json', JSON.stringify([vg, vg, vg], null, 2)));
    expect(list).toHaveLength(3);
    const scenes = { info: {}, scenes: [{ objects: [{ shape: 'cube' }], relationships: { left: [[]] } }] };
    expect(await converted('--from', 'clevr', write('scenes.json', scenes))).toHaveLength(1);
  });

  it('reports an unreadable graph with its line', async () => {
    const path = write('bad.jsonl', gqa('cup'), { objects: [] });
    const { err, code } = await convert('--from', 'gqa', path, '-o', join(folder, 'rest.jsonl'));
    expect(code).toBe(1);
    expect(err.join('\n')).toContain(`${path}:2: error: "objects" must be a map from id to object.`);
    expect(rows(join(folder, 'rest.jsonl'))).toHaveLength(1);
  });
});
