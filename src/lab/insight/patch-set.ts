import { jsonText } from '../../base/json.ts';
import * as z from 'zod';
import { oddsByLayer } from '../../core/insight/map-shares.ts';
import { patchFigures, patchRowSchema, type PatchRow } from '../../core/insight/patch.ts';
import { mirrorSample } from '../../rows/views/mirror/mirror-sample.ts';
import { applyVariant, isTrusted } from '../../rows/sample/variant.ts';
import {
  tokensIn,
  type InspectCase,
  type Inspected,
  type InspectedToken,
  type Inspector,
  type PatchPositions,
  type Wanted,
} from '../../engines/inspector.ts';
import type { Sampler } from '../../engines/sampler.ts';
import { askRows, NOTHING, type AskingForLook } from './ask-inspector.ts';
import { ANSWER, casesOf, type AskedView, type LookCase } from './cases.ts';
import { rounded } from './take-look.ts';
import { namedInOrder } from './look-at-set.ts';
import { runSetJob, type SetJob, type SetRowToLook } from './set-folder.ts';
import { MIRROR } from '../../rows/view-list.ts';

type PatchGroup = PatchRow['patched'][number]['group'];

interface PatchQuestion extends AskingForLook {
  dir: string;
  manifest: SetJob<PatchLine>['manifest'];
  /** Layer numbers, from 0. */
  layers: 'all' | number[];
  groups: readonly PatchGroup[];
}

/** A patched row, or the reason why the row was skipped. */
type PatchLine = PatchRow | { id: string; skipped: string };

/** Returns the rows that can be patched: rows whose question has another answer for the mirrored image. */
export function rowsToPatch(rows: readonly SetRowToLook[]): SetRowToLook[] {
  return rows.flatMap((row) => {
    const { sample } = row.views[0]!;
    const other = { ...sample };
    // Removes the reasoning, because it would make the rules defer the row, and the model does not see it.
    delete other.reasoning;
    const variant = mirrorSample(other, { strategy: 'keep-question' });
    if (!isTrusted(variant)) return [];
    const mirror = applyVariant(other, variant);
    const differs = mirror.question === sample.question && mirror.answer !== sample.answer;
    return differs ? [{ ...row, views: [row.views[0]!, { view: MIRROR, sample: mirror }] }] : [];
  });
}

/**
 * Exchanges hidden states between a row's original and its mirror, layer by layer, and measures the effect on the
 * answer. Writes `rows.jsonl` and `results.json`. @param open called only if rows remain
 */
export async function patchSet(
  open: () => Promise<Sampler>,
  rows: readonly SetRowToLook[],
  question: PatchQuestion,
  onProgress?: (done: number, total: number) => void,
) {
  const { dir, manifest, signal, layers } = question;
  const patch = { from: 0, positions: 'all' as const };
  let results = patchFigures([], []);
  const done = (lines: readonly PatchLine[]) => lines.flatMap((line) => ('skipped' in line ? [] : [line]));
  const lines = await runSetJob<PatchLine>(
    rows,
    {
      dir,
      manifest,
      file: 'rows.jsonl',
      schema: patchRowSchema.or(skippedSchema),
      open,
      wanted: { ...NOTHING, layers, lens: ['word'], patch },
      asking: [question],
      ...(signal && { signal }),
      linesOf: () => 1,
      async work(inspector, batch) {
        const answered = await askRows(inspector, batch, question);
        const patched: PatchLine[] = [];
        for (const [i, row] of batch.entries())
          patched.push(await patchRow(inspector, row, answered[i]!, question));
        return patched;
      },
      finish(lines) {
        results = patchFigures(done(lines), layers);
        return { 'results.json': jsonText(results) };
      },
    },
    onProgress,
  );
  const skipped: Record<string, number> = {};
  for (const line of lines) if ('skipped' in line) skipped[line.skipped] = (skipped[line.skipped] ?? 0) + 1;
  return { rows: done(lines), skipped, results };
}

const skippedSchema: z.ZodType<{ id: string; skipped: string }> = z.looseObject({
  id: z.string(),
  skipped: z.string(),
});

async function patchRow(
  inspector: Sampler & Inspector,
  row: SetRowToLook,
  asked: readonly AskedView[],
  { groups, layers, signal }: PatchQuestion,
): Promise<PatchLine> {
  const { id, image } = row;
  const [original, mirror] = asked.map(({ sample }) => sample.answer) as [string, string];
  const { vocabulary } = inspector.info();
  if (vocabulary !== null && ![original, mirror].every((word) => vocabulary.includes(word)))
    return { id, skipped: 'The answers contain words that are not in the vocabulary of the model.' };
  const looks = await casesOf(asked, row.images, []);
  const wanted: Wanted = { ...NOTHING, layers, lens: [original, mirror], wordsAt: ANSWER };
  const whole = await inspector.inspect(
    looks.map((look) => look.asked),
    { ...wanted, layers: 'all' },
    signal,
  );
  const [here, there] = whole.map(({ tokens, queries }) => [tokens.length, ...queries[0]!].join());
  if (here !== there) return { id, skipped: 'The completions for the two images have different lengths.' };
  const [odds, odd] = whole.map(({ lens }) => oddsByLayer(lens!)?.at(-1));
  if (odds === undefined || odd === undefined)
    return { id, skipped: 'Both answers start with the same token, so their log-odds are unknown.' };
  const patched: PatchRow['patched'] = [];
  for (const group of groups) {
    const cases = looks.map((look, v) => caseFor(group, asked[v]!, look, whole[v]!));
    if (cases.includes(null)) continue;
    const patch = { from: 1, positions: positionsOf(group) };
    const [seen] = await inspector.inspect(cases as InspectCase[], { ...wanted, patch }, signal);
    patched.push({ group, odds: rounded(oddsByLayer(seen!.patched!)!) });
  }
  if (patched.length === 0) return { id, skipped: 'The row has no tokens of these groups.' };
  const [first, second] = rounded([odds, odd]) as [number, number];
  const { question } = asked[0]!.sample;
  return {
    id,
    image,
    question,
    original,
    mirror,
    patched,
    odds: { original: first, mirror: second },
    layers: whole[0]!.lens!.shape[0]!,
  };
}

const positionsOf = (group: PatchGroup): PatchPositions =>
  group === 'picture' || group === 'all' ? group : 'queries';

/** Returns the case of a view with the answer and the tokens of a group as queries. Null if the group is empty. */
function caseFor(
  group: PatchGroup,
  { prompt, sample }: AskedView,
  { asked, labels }: LookCase,
  { tokens, queries }: Inspected,
): InspectCase | null {
  const answer = asked.queries[0]!;
  if (positionsOf(group) !== 'queries') return { ...asked, queries: [answer] };
  if (group === 'answer') return { ...asked, queries: [answer, { name: 'predicts', at: answer.at }] };
  const [predicts] = queries[0]!;
  const named = namedInOrder(sample.question, { labels });
  const names = new Set(asked.queries.flatMap(({ name }, q) => (named.includes(name) ? queries[q]! : [])));
  const question = asked.parts.find(({ name }) => name === 'question');
  const inQuestion = new Set(question ? tokensIn(tokens, question.span) : []);
  const groupOf = ({ message }: InspectedToken, i: number): PatchGroup | null => {
    // Tokens after the prediction of the answer do not affect the answer.
    if (i >= predicts!) return null;
    if (names.has(i)) return 'names';
    if (inQuestion.has(i)) return 'rest of the question';
    return message === prompt.length ? 'earlier words' : 'rest of the prompt';
  };
  // Omits tokens of the chat template, which are not part of a text and are not patched.
  const places = tokens.filter((token, i) => token.start < token.end && groupOf(token, i) === group);
  const others = places.map(({ message, part, start, end }, i) => ({
    name: `${group} ${i}`,
    at: { message, part, start, end },
  }));
  return others.length === 0 ? null : { ...asked, queries: [answer, ...others] };
}
