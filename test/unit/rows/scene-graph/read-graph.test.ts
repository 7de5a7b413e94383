import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readObjects } from '../../../../src/rows/scene-graph/read-objects.ts';
import { readGraph } from '../../../../src/rows/scene-graph/read-graph.ts';
import { forAll, property } from '../../../support/property.ts';

const written = '{"objects": [{"id": "a", "label": "cup"}], "relations": []}';

describe('readGraph: graph in surrounding text', () => {
  it.each([
    ['whole', written],
    ['whole', `\n  ${written}\n`],
    ['code_block', `Here it is:\n\`\`\`json\n${written}\n\`\`\`\nDone.`],
    ['code_block', `\`\`\`python\nx = [1]\n\`\`\`\n\`\`\`json\n${written}\n\`\`\``],
    ['code_block', `\`\`\`json\n${written}`],
    ['braces', `Scene graph: ${written} as asked.`],
    ['code_tag', `Here: <code>${written}</code>`],
  ])('readGraph reads a graph from the source %s', (source, text) => {
    const { graph, ...rest } = readGraph(text);
    expect(graph).toEqual({ version: 1, ...(JSON.parse(written) as object) });
    expect(rest).toEqual({ source, valid_json: true, repairs: [] });
  });

  it('reads the last fenced block and the longest braces of a text', () => {
    const other = '{"objects": [{"id": "b", "label": "plate"}], "relations": []}';
    expect(readGraph(`\`\`\`\n${written}\n\`\`\`\n\`\`\`\n${other}\n\`\`\``).graph?.objects[0]?.id).toBe('b');
    expect(readGraph(`the set {a, b} and {"objects": []} but ${written}`).graph?.objects[0]?.id).toBe('a');
  });

  it('makes ids unique, even among 200,000 equal ids', () => {
    const idsOf = (ids: readonly string[]) =>
      readObjects(
        ids.map((id) => ({ id, label: 'cup' })),
        () => undefined,
      ).objects.map(({ id }) => id);
    expect(idsOf(['c', 'c_2', 'c', 'c_3', 'c', 'c_2'])).toEqual(['c', 'c_2', 'c_3', 'c_3_2', 'c_4', 'c_2_2']);
    // Where each looks through those before it, this takes minutes, longer than a test may.
    const { graph } = readGraph({ objects: Array(200_000).fill({ id: 7, label: 'cup' }), relations: [] });
    expect(graph!.objects.at(-1)).toEqual({ id: '7_200000', label: 'cup' });
  });

  it('finds no graph in prose, other JSON or an empty text', () => {
    for (const text of ['', 'The cup is left of the plate.', '{"answer": "B"}', '{}', '[1, 2]', '{{{', '[['])
      expect(readGraph(text).graph).toBeNull();
    expect(readGraph('The cup.').source).toBe('raw');
  });
});

describe('readGraph: repairs', () => {
  const codes = (input: unknown) => readGraph(input).repairs.map((repair) => repair.code);

  it('readGraph repairs invalid JSON that models typically write', () => {
    const text = `{'objects': [{"id": "a", "label": "cup",}, // one
      {"id": "b" "label": "plate", visible: True, "note": None}], "relations": [("a", "left of", "b")], }`;
    const { graph, repairs, valid_json } = readGraph(text);
    expect(graph?.objects).toEqual([
      { id: 'a', label: 'cup' },
      { id: 'b', label: 'plate', visible: true, note: null },
    ]);
    expect(graph?.relations).toEqual([{ subject: 'a', predicate: 'left of', object: 'b', frame: 'viewer' }]);
    expect(valid_json).toBe(false);
    expect(repairs.map((repair) => repair.code)).toEqual(
      expect.arrayContaining([
        'json-quotes',
        'json-comma',
        'json-comment',
        'json-missing-comma',
        'json-tuple',
      ]),
    );
  });

  it.each([
    ['a quote before a key', (text: string) => text.replace('"label"', 'label"')],
    ['a quote after a text', (text: string) => text.replace('"cup"', '"cup')],
    ['a colon', (text: string) => text.replace('"label":', '"label"')],
    ['a bracket', (text: string) => text.replace('}]', ']')],
    ['escapes of inner quotes', (text: string) => text.replace(/\\"/g, '"')],
  ])('readGraph restores %s that is missing, in a bare text and in a fenced block', (_, lacking) => {
    const whole = '{"objects": [{"id": "a", "label": "cup", "note": "\\"my\\" cup"}], "relations": []}';
    const expected = readGraph(whole).graph;
    for (const text of [lacking(whole), `Here:\n\`\`\`json\n${lacking(whole)}\n\`\`\``]) {
      const { graph, repairs, valid_json } = readGraph(text);
      expect([graph, repairs.map(({ code }) => code), valid_json]).toEqual([
        expected,
        ['json-mended'],
        false,
      ]);
    }
  });

  it.each([
    ['child"s', "{'objects': [{'id': 'a', 'label': 'child's toy'}], 'relations': []}"],
    ['cup}]', '{"objects": [{"id": "a", "label": "cup}], "relations": []}'],
    ['id: ', '{"objects": [{"id: "a", "label": "cup"}], "relations": []}'],
    ['left)', '{"objects": [{"id": "a", "label": person (left)"}], "relations": []}'],
    ['many errors', `{"objects": [${'{"label": "a"b"},'.repeat(50)}{}], "relations": []}`],
  ])('readGraph does not repair ambiguous text: %s', (_, text) => {
    expect(codes(text)).not.toContain('json-mended');
  });

  it('readGraph closes a graph truncated at a token limit', () => {
    const { graph, repairs } = readGraph(
      '{"objects": [{"id": "a", "label": "cup"}, {"id": "b", "label": "pla',
    );
    expect(graph?.objects.map((object) => object.label)).toEqual(['cup', 'pla']);
    expect(repairs.map((repair) => repair.code)).toContain('json-cut');
  });

  it('readGraph accepts alternative field names', () => {
    const { graph } = readGraph({
      Nodes: [
        { object_id: 1, name: 'cup', bbox: [0, 0, 10, 10] },
        { object_id: 2, names: ['plate'], x: 20, y: 0, w: 10, h: 10 },
      ],
      relationships: [{ subject_id: 1, relationship: 'left_of', object_id: 2 }],
    });
    expect(graph).toEqual({
      version: 1,
      objects: [
        { id: '1', label: 'cup', box: [0, 0, 10, 10] },
        { id: '2', label: 'plate', box: [20, 0, 10, 10], box_format: 'xywh_px' },
      ],
      relations: [{ subject: '1', predicate: 'left of', object: '2', frame: 'viewer' }],
    });
  });

  it('reads attributes as a list, map or sentence, and outside the objects', () => {
    const attributes = (value: unknown) =>
      readGraph({ objects: [{ id: 'a', label: 'cup', attributes: value }], relations: [] }).graph?.objects[0]
        ?.attributes;
    expect(attributes(['red'])).toEqual(['red']);
    expect(attributes({ color: 'red', sizes: ['big', 'round'], n: 2 })).toEqual({
      color: 'red',
      sizes: 'big, round',
      n: '2',
    });
    expect(attributes('red, round and shiny')).toEqual(['red', 'round', 'shiny']);
    const apart = readGraph({ objects: ['cup', 'plate'], attributes: { cup: ['red'] }, relations: [] });
    expect(apart.graph?.objects[0]).toEqual({ id: 'cup', label: 'cup', attributes: ['red'] });
  });

  it('resolves labels in edges to objects, and adds suffixes to duplicate labels', () => {
    const { graph } = readGraph({
      objects: ['cup', 'cup', { id: 7, label: 'The plate' }],
      relations: ['cup -> left of -> plate', ['plate', 'behind', { label: 'cup' }]],
    });
    expect(graph?.objects.map((object) => object.id)).toEqual(['cup', 'cup_2', '7']);
    expect(graph?.relations.map((r) => [r.subject, r.predicate, r.object])).toEqual([
      ['cup', 'left of', '7'],
      ['7', 'behind', 'cup'],
    ]);
    expect(
      codes({
        objects: [
          { id: 'x', label: 'cup' },
          { id: 'y', label: 'cup' },
        ],
        relations: [['cup', 'near', 'y']],
      }),
    ).toContain('ambiguous');
  });

  it('adds objects from edges only if the graph lists no objects', () => {
    const triples = readGraph([['cup', 'left of', 'plate']]);
    expect(triples.graph?.objects.map((object) => object.id)).toEqual(['cup', 'plate']);
    const known = readGraph({ objects: ['cup'], relations: [['cup', 'left of', 'fork']] });
    expect(known.graph?.objects).toHaveLength(1);
    expect(known.graph?.relations[0]?.object).toBe('fork');
  });

  it('readGraph keeps unknown keys, and stores unreadable values as raw values', () => {
    const { graph, repairs } = readGraph({
      caption: 'a table',
      objects: [{ id: 'a', label: 'cup', depth: 'far', box: [1, 2], count: '3', colour: 'red' }],
      relations: [],
    });
    expect(graph?.caption).toBe('a table');
    expect(graph?.objects[0]).toEqual({
      id: 'a',
      label: 'cup',
      depth_raw: 'far',
      box_raw: [1, 2],
      count: 3,
      colour: 'red',
    });
    expect(repairs.map((repair) => repair.path)).toEqual([
      'objects[0].box',
      'objects[0].depth',
      'objects[0].count',
    ]);
  });
});

describe('readGraph: properties', () => {
  const key = fc.constantFrom(
    ...'objects relations nodes edges subject predicate object label name id box bbox depth attributes frame value graph x y w h'.split(
      ' ',
    ),
  );
  const { json } = fc.letrec<{ json: unknown }>((tie) => ({
    json: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom<unknown>('cup', 'left of', 'plate', '', null, true, 3, 0.5, '2.5 m'),
      fc.array(tie('json'), { maxLength: 4 }),
      fc.dictionary(key, tie('json'), { maxKeys: 5 }),
    ),
  }));
  const graphLike = fc.record({ objects: fc.array(json), relations: fc.array(json) });

  it('property: readGraph: never throws on arbitrary texts or values', () => {
    const shards = fc.constantFrom(
      ...'{ } [ ] ( ) " \' : , // ... ``` <code> </code> objects relations \\ \\u12 1e9 -'.split(' '),
      '\n',
      ' ',
    );
    forAll(
      [
        fc.oneof(
          fc.string(),
          fc.array(shards).map((s) => s.join('')),
        ),
      ],
      (text) => void readGraph(text),
    );
    forAll([fc.oneof(json, fc.anything())], (value) => void readGraph(value));
    for (const open of ['{"graph":', '[', '{"objects":[', '("', '[(']) readGraph(open.repeat(50_000));
  });

  property(
    'readGraph: is idempotent: rereading a written graph requires no repair',
    [graphLike],
    { numRuns: 500 },
    (value) => {
      const { graph } = readGraph(value);
      const again = readGraph(JSON.stringify(graph));
      expect(again.repairs).toEqual([]);
      expect(again.graph).toEqual(JSON.parse(JSON.stringify(graph)));
      expect(again.valid_json).toBe(true);
    },
  );

  property('readGraph: returns unique ids', [graphLike], (value) => {
    const ids = readGraph(value).graph!.objects.map((object) => object.id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
