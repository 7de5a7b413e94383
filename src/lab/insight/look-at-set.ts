import { at, type Values } from '../../base/numbers.ts';
import { jsonText } from '../../base/json.ts';
import { countedThings, countVerdict } from './counting.ts';
import { packMaps } from '../../core/insight/maps.ts';
import { cellShares, cellsOf, type Grid } from '../../core/seen/token-grid.ts';
import { mapFiguresOf } from '../../core/insight/map-figures.ts';
import { setFigures } from '../../core/insight/set-figures.ts';
import { setRowSchema, type SetRow } from '../../core/insight/set-row.ts';
import type { Sample } from '../../rows/sample/sample.ts';
import { graphOf } from '../../rows/scene-graph/read-graph.ts';
import {
  layersOf,
  type Block,
  type Inspected,
  type Inspector,
  type Wanted,
} from '../../engines/inspector.ts';
import type { Sampler } from '../../engines/sampler.ts';
import { askRows, NOTHING, type AskingForLook } from './ask-inspector.ts';
import { ANSWER, casesOf, objectsOf, wordsOf, type AskedView, type LookCase } from './cases.ts';
import { findQuery } from './find-query.ts';
import { rounded } from './take-look.ts';
import { runSetJob, type SetJob, type SetRowToLook } from './set-folder.ts';
import { MIRROR, ORIGINAL } from '../../rows/view-list.ts';

interface SetQuestion extends AskingForLook {
  dir: string;
  manifest: SetJob<SetRow>['manifest'];
  /** Layer numbers, from 0. */
  layers: 'all' | number[];
  /** Inputs to hide, one forward pass each: the image, or the scene graph of an earlier stage. */
  hide: readonly Hidden[];
}

type MapFigures = ReturnType<typeof mapFiguresOf>;

/** Number of rows whose maps are stored for display. Maps of a row take tens of kilobytes for a large model. */
const DRAWN = 32;

/**
 * Analyses attention on every row of a set, in all its views: masses, sources, and predictions of the layers. Writes
 * `rows.jsonl` with one view per line, and `results.json`. A second call continues an interrupted call.
 * @param open called only if rows remain
 */
export async function lookAtSet(
  open: () => Promise<Sampler>,
  rows: readonly SetRowToLook[],
  question: SetQuestion,
  onProgress?: (done: number, total: number) => void,
) {
  const { dir, manifest, hide, layers, signal } = question;
  const base: Wanted = { ...NOTHING, layers, attention: 'mean', sources: true };
  const drawn = new Set(rows.slice(0, DRAWN).map(({ id }) => id));
  let results = setFigures([], []);
  let mapFigures: MapFigures | null = null;
  const lines = await runSetJob<SetRow>(
    rows,
    {
      dir,
      manifest,
      file: 'rows.jsonl',
      schema: setRowSchema,
      open,
      wanted: { ...base, lens: ['word'], block: hide.map(blockOf) },
      asking: [question],
      ...(signal && { signal }),
      linesOf: ({ views }) => views.length,
      async work(inspector, batch) {
        const answered = await askRows(inspector, batch, question);
        mapFigures ??= mapFiguresOf(await boxesOf(rows));
        return lookAtBatch(inspector, batch, answered, base, { ...question, drawn, mapFigures });
      },
      finish(lines) {
        const [first] = lines;
        const count = first ? first.share.length / first.heads / first.queries.length : 0;
        results = setFigures(lines, layersOf({ layers }, layers === 'all' ? count : Infinity));
        return { 'results.json': jsonText(results) };
      },
    },
    onProgress,
  );
  return { rows: lines, results };
}

/** Input that is hidden from the model to measure its effect on the answer. */
export type Hidden = 'picture' | 'graph' | 'question';

const blockOf = (what: Hidden): Block =>
  what === 'picture' ? { keys: what, layers: 'all' } : { keys: 'part', name: what, layers: 'all' };

type Role = SetRow['objects'][number]['role'];

/** Data of a view: the prompt, the positions to inspect, and the results. */
interface Looked {
  row: SetRowToLook;
  asked: AskedView;
  look: LookCase;
  roles: Role[];
  words: string[];
  result: Inspected;
}

async function lookAtBatch(
  inspector: Sampler & Inspector,
  batch: readonly SetRowToLook[],
  asked: readonly AskedView[][],
  base: Wanted,
  { hide, signal, drawn, mapFigures }: SetQuestion & { drawn: ReadonlySet<string>; mapFigures: MapFigures },
): Promise<SetRow[]> {
  const { vocabulary } = inspector.info();
  const looks: Omit<Looked, 'result'>[] = [];
  for (const [i, row] of batch.entries()) {
    const words = wordsOf(asked[i]!, vocabulary);
    for (const [v, look] of (await casesOf(asked[i]!, row.images, [])).entries())
      looks.push(withRoles(row, asked[i]![v]!, look, words));
  }
  const words = [...new Set(looks.flatMap((look) => look.words))];
  const results = new Array<Inspected>(looks.length);
  // Inspects rows with the same parts together, because a hidden part must exist in the prompt.
  const kinds = new Map<string, number[]>();
  looks.forEach(({ look, asked }, i) => {
    const can = hide.filter((what) =>
      what === 'picture' ? asked.prompt.some(hasPicture) : look.sources.includes(what),
    );
    kinds.set(can.join(), [...(kinds.get(can.join()) ?? []), i]);
  });
  for (const [can, indices] of kinds) {
    const block =
      words.length === 0
        ? []
        : can
            .split(',')
            .filter(Boolean)
            .map((what) => blockOf(what as Hidden));
    const wanted = { ...base, lens: words, wordsAt: words.length === 0 ? null : ANSWER, block };
    const cases = indices.map((i) => looks[i]!.look.asked);
    (await inspector.inspect(cases, wanted, signal)).forEach((result, n) => (results[indices[n]!] = result));
  }
  const looked = looks.map((look, i): Looked => ({ ...look, result: results[i]! }));
  return looked.map((each) => {
    const others = looked.filter((other) => other.row === each.row && other !== each);
    const mirror =
      each.asked.view === ORIGINAL ? others.find(({ asked }) => asked.view === MIRROR) : undefined;
    return rowOf(each, mirror, words, hide, drawn.has(each.row.id), mapFigures);
  });
}

const hasPicture = ({ content }: AskedView['prompt'][number]): boolean =>
  content.some((part) => typeof part !== 'string');

/** Assigns roles to objects, and names the objects' queries after the roles. */
function withRoles(
  row: SetRowToLook,
  asked: AskedView,
  look: LookCase,
  words: string[],
): Omit<Looked, 'result'> {
  const named = namedInOrder(asked.sample.question, look);
  const placed = look.asked.boxes.map(({ name }, i) => ({ id: name, label: look.labels[i]! }));
  const roles = rolesOf(asked.sample, placed);
  const queries = look.asked.queries.flatMap(({ name, at }) => {
    const role = name === named[0] ? 'first named' : name === named[1] ? 'second named' : name;
    return named.includes(name) && role === name ? [] : [{ name: role, at }];
  });
  return { row, asked, look: { ...look, asked: { ...look.asked, queries } }, roles, words };
}

function rolesOf(sample: Sample, placed: readonly { id: string; label: string }[]): Role[] {
  const { question, answer } = sample;
  const objects = graphOf(sample)?.objects ?? [];
  const things = placed.map(({ id, label }) => {
    const attributes = objects.find((object) => object.id === id)?.attributes ?? [];
    return { label, attributes: Object.fromEntries(Object.entries(attributes)) };
  });
  const counted = isCount(sample) ? countedThings(question, answer, things) : null;
  const named = namedInOrder(question, { labels: placed.map(({ label }) => label) });
  return placed.map(({ label }, i) => {
    if (counted) return counted.includes(i) ? 'counted' : 'other';
    return label === named[0] ? 'first named' : label === named[1] ? 'second named' : 'other';
  });
}

function boxesOf(rows: readonly SetRowToLook[]) {
  const placed = rows.flatMap(({ image, images, views }) =>
    views.map(async ({ view, sample }) => {
      // An unreadable image causes an error when the row of the image is inspected.
      const objects = await objectsOf(sample, images).catch(() => []);
      const roles = rolesOf(sample, objects);
      return { view, image, objects: objects.map(({ box }, i) => ({ box, role: roles[i]! })) };
    }),
  );
  return Promise.all(placed);
}

/** Returns the labels of the objects that a question names, in order. */
export function namedInOrder(question: string, { labels }: Pick<LookCase, 'labels'>): string[] {
  const text = [{ message: 0, part: 0, text: question }];
  return [...new Set(labels)]
    .flatMap((label) => {
      const span = findQuery(text, label);
      return span ? [{ label, start: span.start }] : [];
    })
    .sort((a, b) => a.start - b.start)
    .map(({ label }) => label);
}

/** Whether a row asks for a number of objects. */
export const isCount = ({ task, question, answer }: Sample): boolean =>
  task === 'count' || (/\bhow many\b/i.test(question) && countVerdict(answer, answer) === 'right');

function rowOf(
  looked: Looked,
  mirror: Looked | undefined,
  words: readonly string[],
  hide: readonly Hidden[],
  isDrawn: boolean,
  mapFigures: MapFigures,
): SetRow {
  const { row, asked, look, roles, result } = looked;
  const { grid } = result;
  const queries = look.asked.queries.map(({ name }) => name);
  const [layers, heads] = result.share!.shape as [number, number];
  const pick = (values: Float32Array) => looked.words.map((word) => values[words.indexOf(word)]!);
  const hidden = hide.filter((what) => (what === 'picture' ? grid !== null : look.sources.includes(what)));
  const counts = isCount(asked.sample);
  const mapsOf = ({ row, asked, look, roles, result }: Looked) => ({
    view: asked.view,
    image: row.image,
    objects: look.asked.boxes.map(({ box }, i) => ({ box, role: roles[i]! })),
    weights: result.weights!,
    queries: look.asked.queries.map(({ name }) => name),
  });
  const maps = grid && mapFigures(mapsOf(looked), mirror?.result.grid ? mapsOf(mirror) : null, grid);
  return {
    id: row.id,
    view: asked.view,
    image: row.image,
    question: asked.sample.question,
    reference: asked.sample.answer,
    answer: asked.answer,
    right: asked.right,
    count: counts ? countVerdict(asked.answer, asked.sample.answer) : null,
    heads,
    all_cells: grid ? cellsOf(grid) : 0,
    queries,
    objects: look.asked.boxes.map(({ box }, i) => ({
      label: look.labels[i]!,
      role: roles[i]!,
      box,
      cells: grid
        ? Number(
            cellShares(grid, box)
              .reduce((a, b) => a + b, 0)
              .toPrecision(5),
          )
        : 0,
    })),
    share: rounded(result.share!.data),
    mass: rounded(result.mass!.data),
    source_names: ['picture', ...look.sources, 'its own words', 'rest of the prompt'],
    sources: rounded(result.sources!.data),
    words: looked.words,
    lens: result.lens
      ? Array.from({ length: layers }, (_, l) => rounded(pick(at(result.lens!, l)))).flat()
      : [],
    blocked: result.blocked
      ? hidden.map((keys, b) => ({ keys, words: rounded(pick(at(result.blocked!, b))) }))
      : [],
    column: rounded(maps?.column),
    mirror_error: maps?.mirror_error ?? null,
    unfolded_error: maps?.unfolded_error ?? null,
    roles: (maps?.roles ?? []).map(({ role, cells, mass, elsewhere }) => ({
      role,
      cells,
      mass: rounded(mass),
      elsewhere: elsewhere && rounded(elsewhere),
    })),
    map: grid && (counts || isDrawn) ? packedMap(result.weights!, queries.indexOf(ANSWER), grid) : null,
  };
}

function packedMap(weights: Values, query: number, grid: Grid): SetRow['map'] {
  const [layers] = weights.shape;
  const cells = cellsOf(grid);
  const data = new Float32Array(layers! * cells);
  for (let l = 0; l < layers!; l++) data.set(at(weights, l, 0, query), l * cells);
  const { max, bytes } = packMaps({ shape: [layers!, cells], data });
  return { ...grid, max: rounded(max), bytes: Buffer.from(bytes).toString('base64') };
}
