import type { SceneGraph, SceneObject } from '../spatial/scene-graph/scene-graph.ts';

/**
 * A scene graph in plain sentences: what there is, then who stands how to whom [A-19]. Relations that are meant from
 * an object's own side say so.
 */
export function describeGraph({ objects, relations }: SceneGraph): string {
  const names = namesOf(objects);
  const nameOf = (id: string) => names.get(id) ?? id;
  const things = objects.map((object) => {
    const { count, depth, depth_unit: unit, facing } = object;
    const facts = [
      ...attributesOf(object),
      ...(count === undefined ? [] : [`${count} of them`]),
      ...(depth === undefined ? [] : [unit === 'm' ? `${depth} m away` : `relative depth ${depth}`]),
      ...(facing ? [`facing ${facing}`] : []),
    ];
    return `${nameOf(object.id)}${facts.length > 0 ? ` (${facts.join(', ')})` : ''}`;
  });
  const facts = relations.map(({ subject, predicate, object, frame, value }) => {
    const said = /^(?:is|are|has|have)\b/i.test(predicate) ? predicate : `is ${predicate}`;
    const side = frame === 'object' ? ', as seen from there' : '';
    return `The ${nameOf(subject)} ${said} the ${nameOf(object)}${side}${value ? ` (${value.n} ${value.unit})` : ''}.`;
  });
  return [`In the picture: ${things.join('; ')}.`, ...facts].join(' ');
}

/** "cup", and with several cups "cup 1", "cup 2". */
function namesOf(objects: readonly SceneObject[]): Map<string, string> {
  const seen = new Map<string, number>();
  return new Map(
    objects.map(({ id, label }) => {
      const n = (seen.get(label) ?? 0) + 1;
      seen.set(label, n);
      const alone = objects.filter((other) => other.label === label).length === 1;
      return [id, alone ? label : `${label} ${n}`];
    }),
  );
}

function attributesOf({ attributes }: SceneObject): string[] {
  if (!attributes) return [];
  return Array.isArray(attributes) ? attributes : Object.values(attributes).map(String);
}
