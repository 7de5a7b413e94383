import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkGeometry,
  checkMirroredGraph,
  transitivityHints,
} from '../../../../src/rows/scene-graph/check-graph.ts';
import { convertGraph } from '../../../../src/rows/scene-graph/convert-graph.ts';
import { readGraph } from '../../../../src/rows/scene-graph/read-graph.ts';
import type { SceneGraph } from '../../../../src/rows/scene-graph/scene-graph.ts';
import {
  validateGraph,
  type GraphEdit,
  type GraphProblem,
} from '../../../../src/rows/scene-graph/validate.ts';
import { slowly } from '../../../support/slow.ts';
import { forAll } from '../../../support/property.ts';

const graph = (objects: object[], relations: unknown[] = []) =>
  readGraph({ image: { w: 100, h: 100 }, objects, relations }).graph!;
const at = (id: string, x: number, y = 50, depth?: number) => ({
  id,
  label: id,
  centroid: [x, y],
  ...(depth !== undefined && { depth }),
});
const codes = (problems: GraphProblem[]) => problems.map((problem) => problem.code);

/** The graph with edits as an editor makes them, in order. */
function applyEdits(graph: SceneGraph, edits: readonly GraphEdit[]): SceneGraph {
  const out = structuredClone(graph);
  for (const { op, path, value } of edits) {
    const last = path.at(-1)!;
    let parent: unknown = out;
    for (const step of path.slice(0, -1)) parent = (parent as Record<string | number, unknown>)[step];
    if (Array.isArray(parent) && op !== 'replace') {
      parent.splice(last as number, op === 'remove' ? 1 : 0, ...(op === 'add' ? [value] : []));
    } else if (op === 'remove') Reflect.deleteProperty(parent as object, last);
    else (parent as Record<string | number, unknown>)[last] = value;
  }
  return out;
}

/** Applies every quick fix, one at a time, until none is left. */
function fixAll(start: SceneGraph, find: (graph: SceneGraph) => GraphProblem[]): SceneGraph {
  let now = start;
  for (let i = 0; i < 50; i++) {
    const edits = find(now).find((problem) => problem.edits)?.edits;
    if (!edits) return now;
    now = applyEdits(now, edits);
  }
  throw new Error('Quick fixes do not come to an end.');
}

describe('validateGraph', () => {
  const two = [
    { id: 'cup', label: 'cup' },
    { id: 'table', label: 'table' },
  ];
  it.each([
    ['unknown-node', ['cup', 'on', 'plate']],
    ['node-as-predicate', ['cup', 'table', 'on top of']],
    ['attribute-as-edge', ['cup', 'has color', 'red']],
    ['attribute-as-edge', ['cup', 'is', 'red']],
    ['self-loop', ['cup', 'near', 'cup']],
  ])('reports %s for the edge %j, with a quick fix', (code, edge) => {
    const broken = graph(two, [edge]);
    expect(codes(validateGraph(broken))).toEqual([code]);
    expect(validateGraph(fixAll(broken, validateGraph))).toEqual([]);
  });

  it('moves an attribute out of its edge, and swaps a swapped predicate back', () => {
    expect(fixAll(graph(two, [['cup', 'has color', 'red']]), validateGraph)).toMatchObject({
      objects: [{ attributes: ['color: red'] }, {}],
      relations: [],
    });
    expect(fixAll(graph(two, [['cup', 'table', 'on top of']]), validateGraph).relations[0]).toMatchObject({
      subject: 'cup',
      predicate: 'on top of',
      object: 'table',
    });
  });

  it('reports relation names as nodes, repeated edges, wrong corners and confidences', () => {
    const problems = validateGraph(
      graph(
        [...two, { id: 'r', label: 'left of' }, { id: 'b', label: 'box', box: [9, 9, 1, 1], confidence: 90 }],
        [
          ['cup', 'on', 'table'],
          ['cup', 'on', 'table'],
        ],
      ),
    );
    expect(codes(problems)).toEqual([
      'relation-as-node',
      'box-corners',
      'confidence-range',
      'duplicate-edge',
    ]);
    expect(validateGraph(graph([]))[0]).toMatchObject({ code: 'no-objects', severity: 'warning' });
  });

  it('validateGraph reports no problem in a valid graph', () => {
    expect(validateGraph(graph(two, [['cup', 'on', 'table']]))).toEqual([]);
  });
});

describe('checkGeometry', () => {
  it.each([
    ['left of', 'right of', 'edge-against-centre'],
    ['to the left of', 'to the right of', 'edge-against-centre'],
    ['above', 'below', 'edge-against-centre'],
    ['over', 'under', 'edge-against-centre'],
    ['in front of', 'behind', 'edge-against-depth'],
  ])('checks %s and %s against coordinates', (low, high, code) => {
    const objects = [at('a', 10, 10, 1), at('b', 90, 90, 5)];
    expect(
      checkGeometry(
        graph(objects, [
          ['a', low, 'b'],
          ['b', high, 'a'],
        ]),
      ),
    ).toEqual([]);
    const wrong = graph(objects, [['a', high, 'b']]);
    expect(codes(checkGeometry(wrong))).toEqual([code]);
    expect(checkGeometry(fixAll(wrong, checkGeometry))).toEqual([]);
  });

  it('tolerates an offset of 2% of the image size', () => {
    const codesAt = (x: number) =>
      codes(checkGeometry(graph([at('a', 50), at('b', x)], [['a', 'left of', 'b']])));
    expect(codesAt(48)).toEqual([]);
    expect(codesAt(47.9)).toEqual(['edge-against-centre']);
  });

  it('reads every box format, and skips contact relations and other frames', () => {
    const boxes = [
      { id: 'a', label: 'a', box: [0, 0, 0.2, 0.2], box_format: 'xywh_norm' },
      { id: 'b', label: 'b', box: [800, 800, 1000, 1000], box_format: 'xyxy_1000' },
    ];
    expect(codes(checkGeometry(graph(boxes, [['a', 'right of', 'b']])))).toEqual(['edge-against-centre']);
    const other = [['a', 'on', 'b'], { subject: 'a', predicate: 'right of', object: 'b', frame: 'agent' }];
    expect(checkGeometry(graph(boxes, other))).toEqual([]);
  });

  it('reports contradictory pairs and cycles', () => {
    const bare = ['a', 'b', 'c'].map((id) => ({ id, label: id }));
    expect(
      codes(
        checkGeometry(
          graph(bare, [
            ['a', 'left of', 'b'],
            ['b', 'left of', 'a'],
          ]),
        ),
      ),
    ).toEqual(['antisymmetry']);
    expect(
      codes(
        checkGeometry(
          graph(bare, [
            ['a', 'left of', 'b'],
            ['a', 'right of', 'b'],
          ]),
        ),
      ),
    ).toEqual(['both-poles']);
    const circle = [
      ['a', 'left of', 'b'],
      ['b', 'left of', 'c'],
      ['a', 'right of', 'c'],
    ];
    expect(codes(checkGeometry(graph(bare, circle)))).toEqual(['cycle']);
  });

  it('compares counts with nodes, unless one node represents a group', () => {
    const chair = (id: string, count: number) => ({ id, label: 'chair', count });
    expect(checkGeometry(graph([chair('a', 4)]))).toEqual([]);
    const wrong = graph([chair('a', 4), chair('b', 2)]);
    expect(codes(checkGeometry(wrong))).toEqual(['count-against-nodes']);
    expect(checkGeometry(fixAll(wrong, checkGeometry))).toEqual([]);
  });

  it('property: checkGeometry: accepts correct edges, and reports each reversed edge', () => {
    const scene = fc.array(fc.tuple(fc.nat(100), fc.nat(100), fc.nat(50)), { minLength: 2, maxLength: 6 });
    forAll([scene], (points) => {
      const objects = points.map(([x, y, depth], i) => at(`o${i}`, x, y, depth));
      const edges = points.flatMap(([x], i) =>
        points.flatMap(([u], j) => (u - x > 2 ? [[`o${i}`, 'left of', `o${j}`]] : [])),
      );
      expect(checkGeometry(graph(objects, edges))).toEqual([]);
      const turned = edges.map(([a, , b]) => [a, 'right of', b]);
      expect(checkGeometry(graph(objects, turned))).toHaveLength(edges.length);
    });
  });

  it('suggests each implied edge once, until no new edge follows', () => {
    const bare = ['a', 'b', 'c', 'd'].map((id) => ({ id, label: id }));
    const chain = graph(bare, [
      ['a', 'left of', 'b'],
      ['b', 'left of', 'c'],
      ['d', 'right of', 'c'],
    ]);
    expect(transitivityHints(chain)).toHaveLength(2);
    expect(fixAll(chain, transitivityHints).relations).toHaveLength(6);
    expect(transitivityHints({ ...chain, relations: [...chain.relations, ...chain.relations] })).toHaveLength(
      2,
    );
  });
});

describe('graphs of 150,000 objects and edges', () => {
  // Where each is compared with all others, these take longer than a test may.
  const many = <T>(of: (i: number) => T) => Array.from({ length: 150_000 }, (_, i) => of(i));
  const frame = 'viewer' as const;
  const objects = many((i) => ({
    id: `${i}`,
    label: 'left of',
    box: [0, 0, i + 1, 9] satisfies [number, number, number, number],
  }));

  slowly('validates a graph of 150,000 entries, and checks the graph against its boxes in time', () => {
    const relations = many((i) => ({ subject: `x${i}`, predicate: 'has color', object: 'red', frame }));
    const problems = validateGraph({ version: 1, objects, relations });
    expect(problems.filter(({ code }) => code === 'relation-as-node')).toHaveLength(150_000);
    const star = many((i) => ({ subject: '0', predicate: 'left of', object: `${i}`, frame }));
    expect(checkGeometry({ version: 1, objects, relations: star })).toEqual([]);
  });

  it('suggests missing edges of a graph of 150,000 entries in time', () => {
    const relations = many((i) => ({ subject: 'a', predicate: 'left of', object: i % 2 ? 'a' : 'b', frame }));
    relations.push({ subject: 'b', predicate: 'left of', object: 'c', frame });
    expect(transitivityHints({ version: 1, objects, relations })).toHaveLength(1);
  });
});

describe('checkMirroredGraph', () => {
  it('checkMirroredGraph ignores rounding and key order', () => {
    const expected = graph([at('a', 10), at('b', 30)], [['a', 'left of', 'b']]);
    const stored = graph(
      [{ centroid: [10 + 1e-9, 50], label: 'a', id: 'a' }, at('b', 30)],
      [['a', 'left of', 'b']],
    );
    expect(checkMirroredGraph(stored, expected)).toEqual([]);
    const wrong = graph([at('a', 10)], [['a', 'right of', 'a']]);
    expect(checkMirroredGraph(wrong, expected).map((problem) => problem.path)).toEqual([
      'objects[1]',
      'relations[0]',
    ]);
  });
});

describe('convertGraph', () => {
  it('convertGraph reads a Visual Genome graph', () => {
    const { graph: vg, repairs } = convertGraph(
      {
        image_id: 1,
        objects: [
          {
            object_id: 5,
            x: 0,
            y: 0,
            w: 10,
            h: 10,
            names: ['cup'],
            attributes: ['red'],
            synsets: ['cup.n.01'],
          },
          { object_id: 6, x: 50, y: 0, w: 10, h: 10, names: ['table'] },
        ],
        relationships: [{ relationship_id: 3, subject_id: 5, predicate: 'ON', object_id: 6 }],
      },
      'vg',
    );
    expect(repairs).toEqual([]);
    expect(vg).toMatchObject({
      source: 'dataset',
      objects: [
        {
          id: '5',
          label: 'cup',
          box: [0, 0, 10, 10],
          box_format: 'xywh_px',
          attributes: ['red'],
          synsets: ['cup.n.01'],
        },
        { id: '6', label: 'table' },
      ],
      relations: [{ subject: '5', predicate: 'on', object: '6', relationship_id: 3 }],
    });
  });

  it('convertGraph reads a GQA graph with edges inside objects', () => {
    const { graph: gqa, repairs } = convertGraph(
      {
        width: 500,
        height: 300,
        location: 'kitchen',
        objects: {
          '681': {
            name: 'bowl',
            x: 1,
            y: 2,
            w: 30,
            h: 40,
            attributes: ['white'],
            relations: [{ name: 'to the left of', object: '682' }],
          },
          '682': {
            name: 'cup',
            x: 100,
            y: 2,
            w: 30,
            h: 40,
            attributes: [],
            relations: [{ name: 'to the right of', object: '681' }],
          },
        },
      },
      'gqa',
    );
    expect(repairs).toEqual([]);
    expect(gqa).toMatchObject({ image: { w: 500, h: 300 }, location: 'kitchen' });
    expect(gqa?.relations).toEqual([
      { subject: '681', predicate: 'to the left of', object: '682', frame: 'viewer' },
      { subject: '682', predicate: 'to the right of', object: '681', frame: 'viewer' },
    ]);
    expect(checkGeometry(gqa!)).toEqual([]);
  });

  it('reads a CLEVR graph: relationships.left[i] lists the objects left of object i', () => {
    const clevr = {
      image_filename: 'x.png',
      objects: [
        {
          color: 'red',
          shape: 'cube',
          size: 'large',
          material: 'metal',
          pixel_coords: [100, 200, 9.5],
          rotation: 1,
        },
        { color: 'blue', shape: 'cylinder', size: 'small', material: 'rubber', pixel_coords: [300, 150, 12] },
      ],
      relationships: { left: [[], [0]], right: [[1], []], front: [[], [0]], behind: [[1], []] },
    };
    const { graph: ours, repairs } = convertGraph(clevr, 'clevr');
    expect(repairs).toEqual([]);
    expect(ours?.objects[0]).toEqual({
      id: '0',
      label: 'cube',
      attributes: { color: 'red', shape: 'cube', size: 'large', material: 'metal' },
      centroid: [100, 200],
      box_format: 'point_px',
      depth: 9.5,
      depth_unit: 'rel',
      rotation: 1,
    });
    expect(ours?.relations[0]).toEqual({ subject: '0', predicate: 'left of', object: '1', frame: 'viewer' });
    expect(checkGeometry(ours!, { w: 480, h: 320 })).toEqual([]);
  });

  it('convertGraph names the missing part of an invalid graph', () => {
    expect(() => convertGraph({ objects: [] }, 'gqa')).toThrow('"objects" must be a map');
    expect(() => convertGraph({ objects: [] }, 'clevr')).toThrow('"relationships" must be a map');
    expect(() => convertGraph([], 'vg')).toThrow('JSON object');
  });
});
