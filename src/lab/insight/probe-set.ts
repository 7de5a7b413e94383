import { jsonText } from '../../base/json.ts';
import * as z from 'zod';
import { IN_PICTURE, NUMBER_TARGETS, stateAt, TARGETS, type ProbeRow } from '../../core/insight/probe-row.ts';
import { probeRows } from '../../core/insight/probe.ts';
import { controlOf } from '../../core/prompts/strategy.ts';
import { viewIdSchema } from '../../rows/sample/schemas.ts';
import { tensorBytes } from '../../engines/embedded/weights.ts';
import type { Inspector, Wanted } from '../../engines/inspector.ts';
import type { Sampler } from '../../engines/sampler.ts';
import { askRows, NOTHING, type AskingForLook } from './ask-inspector.ts';
import { ANSWER, casesOf, LAST, type AskedView, type LookCase } from './cases.ts';
import { factsOf, ORDER } from './row-facts.ts';
import { namedInOrder } from './look-at-set.ts';
import { runSetJob, type SetJob, type SetRowToLook } from './set-folder.ts';

interface ProbeQuestion extends AskingForLook {
  dir: string;
  /** Whether to also write the hidden states as arrays. */
  arrays?: boolean;
  manifest: SetJob<ProbeLine>['manifest'];
}

/** A row with its hidden states, as a line of `features.jsonl`. */
type ProbeLine = Omit<ProbeRow, 'hidden'> & {
  /** Hidden states of a `ProbeRow`, with the numbers as little-endian float32 in base64. */
  hidden: { layers: number; width: number; data: string };
};

const targetSchema = z.enum(TARGETS);

const probeLineSchema: z.ZodType<ProbeLine> = z
  .looseObject({
    id: z.string(),
    view: viewIdSchema,
    image: z.string(),
    blind: z.boolean(),
    reference: z.string(),
    answer: z.string(),
    right: z.boolean().nullable(),
    labels: z.partialRecord(targetSchema, z.string()),
    numbers: z.partialRecord(z.enum(NUMBER_TARGETS), z.number()),
    asks: z.array(targetSchema),
    positions: z.array(z.string()),
    hidden: z.looseObject({ layers: z.int().min(1), width: z.int().min(1), data: z.base64() }),
  })
  .refine(
    ({ hidden: { layers, width, data }, positions }) =>
      Buffer.byteLength(data, 'base64') === 4 * layers * positions.length * width,
    'The number of hidden states does not match the layers and positions.',
  );

/**
 * Probes the hidden states of a model for facts about the rows that it answers, with and without the image. Writes
 * `features.jsonl` continuously, and then `results.json`. With `arrays`, also writes `activations.safetensors` and
 * `activations.jsonl`.
 * @param open called only if rows remain
 */
export async function probeSet(
  open: () => Promise<Sampler>,
  rows: readonly SetRowToLook[],
  question: ProbeQuestion,
  onProgress?: (done: number, total: number) => void,
  onFit: () => void = () => undefined,
) {
  const { dir, manifest, signal } = question;
  const asking = [
    { ...question, blind: false },
    { ...question, strategy: controlOf(question.strategy, 'blind')!, blind: true },
  ];
  let results = probeRows([]);
  await runSetJob<ProbeLine>(
    rows,
    {
      dir,
      manifest,
      file: 'features.jsonl',
      schema: probeLineSchema,
      open,
      wanted: { ...NOTHING, hidden: [LAST] },
      asking,
      ...(signal && { signal }),
      linesOf: ({ views }) => asking.length * views.length,
      async work(inspector, batch) {
        const lines = [];
        for (const way of asking) {
          const answered = await askRows(inspector, batch, way);
          for (const [i, row] of batch.entries())
            lines.push(...(await linesOf(inspector, row, answered[i]!, way)));
        }
        return lines;
      },
      finish(lines) {
        onFit();
        const examples = lines.map(unpacked);
        results = probeRows(examples);
        return { 'results.json': jsonText(results), ...(question.arrays && activations(examples)) };
      },
    },
    onProgress,
  );
  return results;
}

async function linesOf(
  inspector: Inspector,
  row: SetRowToLook,
  asked: readonly AskedView[],
  { blind, signal }: { blind: boolean; signal?: AbortSignal },
): Promise<ProbeLine[]> {
  const looks = await casesOf(asked, row.images, []);
  const lines: ProbeLine[] = [];
  for (const [v, look] of looks.entries()) {
    const view = asked[v]!;
    const places = placesOf(view, look, blind);
    const wanted: Wanted = { ...NOTHING, hidden: places.map(({ at }) => at) };
    const boxes = blind ? [] : look.asked.boxes;
    const [seen] = await inspector.inspect([{ ...look.asked, boxes }], wanted, signal);
    const { shape, data } = seen!.hidden!;
    const bytes = Buffer.alloc(4 * data.length);
    data.forEach((value, i) => bytes.writeFloatLE(value, 4 * i));
    lines.push({
      id: row.id,
      view: view.view,
      image: row.image,
      blind,
      reference: view.sample.answer,
      answer: view.answer,
      right: view.right,
      ...factsOf(view, look),
      positions: places.map(({ name }) => name),
      hidden: { layers: shape[0]!, width: shape[2]!, data: bytes.toString('base64') },
    });
  }
  return lines;
}

/** Returns the positions at which hidden states are probed, each with its query or box. */
function placesOf({ sample }: AskedView, look: LookCase, blind: boolean): { name: string; at: string }[] {
  const named = namedInOrder(sample.question, look).slice(0, 2);
  return [
    { name: LAST, at: LAST },
    { name: ANSWER, at: ANSWER },
    ...named.flatMap((label, i) => {
      const name = ORDER[i]!;
      const box = look.asked.boxes[look.labels.indexOf(label)]!;
      const isQuery = look.asked.queries.some((query) => query.name === label);
      return [
        ...(isQuery ? [{ name, at: label }] : []),
        ...(blind ? [] : [{ name: `${name}${IN_PICTURE}`, at: box.name }]),
      ];
    }),
  ];
}

function unpacked({ hidden, ...line }: ProbeLine): ProbeRow {
  const bytes = Buffer.from(hidden.data, 'base64');
  const data = Float32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(4 * i));
  return { ...line, hidden: { ...hidden, data } };
}

/**
 * Returns hidden states for other programs: an array [row, layer, width] per position, with NaN if a row lacks the
 * position, and a line per row. Layer 0 is the input of the first layer.
 */
function activations(rows: readonly ProbeRow[]): Record<string, string | Uint8Array> {
  const [first] = rows;
  const { layers, width } = first!.hidden;
  const positions = [...new Set(rows.flatMap((row) => row.positions))];
  const shapes = Object.fromEntries(positions.map((name) => [name, [rows.length, layers, width]]));
  const arrays = Object.fromEntries(
    positions.map((position) => {
      const array = new Float32Array(rows.length * layers * width).fill(Number.NaN);
      rows.forEach((row, r) => {
        for (let layer = 0; layer < layers && row.positions.includes(position); layer++)
          array.set(stateAt(row, { position, layer }), (r * layers + layer) * width);
      });
      return [position, array];
    }),
  );
  const lines = rows.map(
    ({ id, view, image, blind, reference, answer, right, labels, numbers, asks }) =>
      `${JSON.stringify({ id, view, image, blind, reference, answer, right, labels, numbers, asks })}\n`,
  );
  return {
    'activations.safetensors': tensorBytes({ arrays, shapes, metadata: {} }),
    'activations.jsonl': lines.join(''),
  };
}
