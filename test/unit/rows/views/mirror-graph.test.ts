import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { turnGraph } from '../../../../src/rows/views/map-places.ts';
import type { SceneGraph } from '../../../../src/rows/scene-graph/scene-graph.ts';
import { property } from '../../../support/property.ts';

const image = { w: 640, h: 480 };
const mirrored = (graph: SceneGraph) => turnGraph(graph, 'mirror').graph;

const graph: fc.Arbitrary<SceneGraph> = fc.record({
  version: fc.constant(1 as const),
  image: fc.constant(image),
  view: fc.constantFrom('original' as const, 'mirror' as const),
  objects: fc.array(
    fc.record({
      id: fc.string(),
      label: fc.constantFrom('cup', 'left hand', 'red car', 'leftmost chair', 'bright lamp'),
      box: fc.tuple(fc.nat(640), fc.nat(480), fc.nat(640), fc.nat(480)),
      centroid: fc.tuple(fc.nat(640), fc.nat(480)),
      motion: fc.constantFrom(-1 as const, 0 as const, 1 as const),
      facing: fc.constantFrom('left', 'right', 'camera', 'front-left'),
      attributes: fc.array(fc.constantFrom('red', 'on the left', 'right-handed')),
    }),
  ),
  relations: fc.array(
    fc.record({
      subject: fc.string(),
      object: fc.string(),
      predicate: fc.constantFrom(
        'left of',
        'to the right of',
        'above',
        'front-left',
        'right',
        'clockwise from',
      ),
      frame: fc.constantFrom('viewer' as const, 'object' as const, 'agent' as const, 'none' as const),
    }),
  ),
});

describe('mirrored scene graphs', () => {
  property('mirrored scene graphs are restored by a second mirror', [graph], (g) => {
    expect(mirrored(mirrored(g))).toEqual(g);
  });

  it('mirrored scene graphs change only boxes, relations and attributes that have a side', () => {
    const original: SceneGraph = {
      version: 1,
      view: 'original',
      objects: [
        {
          id: 'a',
          label: 'man',
          box: [0, 0, 100, 200],
          depth: 2,
          motion: -1,
          facing: 'left',
          mood: 'left alone',
        },
        {
          id: 'b',
          label: 'left shoe',
          box: [0.1, 0, 0.3, 1],
          box_format: 'xyxy_norm',
          attributes: { at: 'on the left' },
        },
      ],
      relations: [
        { subject: 'a', predicate: 'left of', object: 'b', frame: 'viewer' },
        { subject: 'a', predicate: 'right behind', object: 'b', frame: 'object' },
        { subject: 'a', predicate: 'north of', object: 'b', frame: 'world' },
      ],
    };
    const { graph, notes } = turnGraph(original, 'mirror', image);
    expect(graph).toEqual({
      version: 1,
      view: 'mirror',
      objects: [
        {
          id: 'a',
          label: 'man',
          box: [540, 0, 640, 200],
          depth: 2,
          motion: 1,
          facing: 'right',
          mood: 'left alone',
        },
        {
          id: 'b',
          label: 'right shoe',
          box: [0.7, 0, 0.9, 1],
          box_format: 'xyxy_norm',
          attributes: { at: 'on the right' },
        },
      ],
      relations: [
        { subject: 'a', predicate: 'right of', object: 'b', frame: 'viewer' },
        { subject: 'a', predicate: 'right behind', object: 'b', frame: 'object' },
      ],
    });
    expect(notes.map((n) => n.rule)).toEqual(['graph.world']);
  });

  it('mirrored scene graphs require an image width for pixel boxes', () => {
    const g: SceneGraph = {
      version: 1,
      objects: [{ id: 'a', label: 'cup', box: [1, 2, 3, 4] }],
      relations: [],
    };
    expect(() => mirrored(g)).toThrow('width');
  });
});
