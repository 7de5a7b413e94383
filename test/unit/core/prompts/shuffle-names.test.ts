import fc from 'fast-check';
import { expect, it } from 'vitest';
import { namesIn, shuffleNames } from '../../../../src/core/prompts/describe-graph.ts';
import { Random } from '../../../../src/base/random.ts';
import { forAll } from '../../../support/property.ts';

it('property: shuffleNames: permutes all names, moves each name, and changes nothing else', () => {
  const labels = fc.uniqueArray(fc.constantFrom('cup', 'jug', 'table', 'lamp', 'cat'), { minLength: 2 });
  forAll([labels, fc.integer()], (names, seed) => {
    const graph = {
      objects: names.map((label, i) => ({ id: i, label, box: [i, 0, 1, 1] })),
      relations: [{ subject: names[0], predicate: 'left of', object: names[1] }],
    };
    const dealt = shuffleNames(graph, Random.from(seed)) as typeof graph;
    expect(namesIn(dealt).sort()).toEqual([...names].sort());
    dealt.objects.forEach(({ id, label, box }, i) => {
      expect(label).not.toBe(names[i]);
      expect([id, box]).toEqual([i, [i, 0, 1, 1]]);
    });
    expect(dealt.relations[0]!.predicate).toBe('left of');
    // The edge follows the names: it holds between the same words' new places.
    const placeOf = (name: string | undefined) => dealt.objects.findIndex(({ label }) => label === name);
    expect([placeOf(dealt.relations[0]!.subject), placeOf(dealt.relations[0]!.object)]).toEqual([0, 1]);
  });
});

it('shuffleNames: leaves a graph with a single name unchanged', () => {
  const graph = { objects: [{ label: 'cup' }] };
  expect(shuffleNames(graph, Random.from(1))).toEqual(graph);
});
