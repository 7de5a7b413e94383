import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { decisionsOf } from '../../core/annotation/decisions.ts';
import { setInJson } from '../../core/annotation/edit-json.ts';
import type { EditSession } from '../../core/annotation/edit-session.ts';
import { slice } from '../../core/annotation/pieces.ts';
import { isOfAgent, reviewState, variantNow } from '../../core/annotation/review.ts';
import { isRecord } from '../../base/json.ts';
import { parseSample } from '../../rows/sample/parse-sample.ts';
import type { ImageRef, Sample, Variant } from '../../rows/sample/sample.ts';
import { checkVariant, rewriteFor } from '../../rows/views/view.ts';
import { FROZEN_SUFFIX } from '../datasets/data-file.ts';
import { EditedFile } from '../datasets/edited-file.ts';
import { openDataset } from '../datasets/open-dataset.ts';
import { parseJson } from '../datasets/parse-json.ts';
import { toSample } from '../datasets/rows.ts';
import { sha256 } from '../files/atomic.ts';
import { noEntries } from '../files/disk-error.ts';
import { readText } from '../files/regular.ts';
import { readRunConfig } from '../runs/make-run.ts';
import { readState } from '../runs/state.ts';
import { AgentError, type Answer, commandFor, cutText } from './agent-answer.ts';
import type { AgentContext } from './agent-context.ts';
import type { Places } from '../operations/operation.ts';
import { findPlaces, mayRead, nameBelow, placeAmong } from './places.ts';
import type { InputOf } from './agent-tools.ts';

type Input = InputOf<'propose_rows'>;
type Row = Input['rows'][number];
type Rewrite = Row & { id: string };

/** Maximum number of pending proposals in a file. One person cannot review more proposals in a day. */
const MOST_WAITING = 200;
/** Number of rows that are read at once. */
const STRETCH = 256;

interface Outcome {
  id: string;
  /** Reason why the proposal was rejected. Null if the proposal was written. */
  why: string | null;
  failed: string[];
}

/** Writes proposals. They have no effect until a person has reviewed them. */
export async function proposeRows(input: Input, context: AgentContext): Promise<Answer> {
  const { file, form, rows } = input;
  const rewrites = rows.filter((row): row is Rewrite => row.id !== undefined);
  const drafts = rows.filter(({ id }) => id === undefined);
  const listed = await findPlaces(context.roots);
  const { path, name } = await placeAmong(listed, context.roots, file, ['data']);
  if (!path.endsWith('.qa.jsonl'))
    throw new AgentError(`Cannot propose rows for ${name}. Pass a *.qa.jsonl file.`);
  const by = `agent:${context.by.replace(/[^\w.-]+/g, '-').slice(0, 60) || 'unknown'}`;
  const now = new Date().toISOString();
  await requireFree(path, name, listed);
  const rewritten = rewrites.length > 0 ? await rewrite(path, rewrites, { form, by, at: now }) : null;
  const drafted = drafts.length > 0 ? await draft(path, drafts, { form, by, at: now }, context.roots) : null;
  const outcomes = [...(rewritten?.outcomes ?? []), ...(drafted?.outcomes ?? [])];
  const done = outcomes.filter(({ why }) => why === null);
  return {
    value: {
      file: name,
      written: done.length,
      refused: outcomes.flatMap(({ id, why }) => (why === null ? [] : [{ id: cutText(id, 100), why }])),
      checks: done.map(({ id, failed }) => ({ id: cutText(id, 100), failed })),
      ...(rewritten && { waiting: rewritten.waiting }),
      ...(drafted && { drafts: nameBelow(context.roots, drafted.path) }),
      notes: ['Proposals are not used for training until a person accepts them.'],
      see: commandFor('review', [drafted && !rewritten ? nameBelow(context.roots, drafted.path) : name]),
    },
  };
}

/** @throws AgentError if the dataset is frozen, or if an unfinished run trains on the dataset */
async function requireFree(path: string, name: string, { all }: Places): Promise<void> {
  const beside = await readdir(dirname(path)).catch(noEntries);
  for (const manifest of beside.filter((file) => file.endsWith(FROZEN_SUFFIX))) {
    const frozen = parseJson(await readText(join(dirname(path), manifest)).catch(() => '')).value;
    const files = isRecord(frozen) && Array.isArray(frozen.files) ? (frozen.files as unknown[]) : [];
    if (files.some((entry) => isRecord(entry) && entry.path === basename(path)))
      throw new AgentError(`${name} is frozen by ${manifest}. Use a copy of the file.`);
  }
  for (const place of all) {
    if (place.kind !== 'run' || place.foreign) continue;
    const state = await readState(place.path).catch(() => null);
    if (!state || state.status === 'finished') continue;
    const config = await readRunConfig(place.path).catch(() => null);
    if (config && [config.data.train, ...Object.values(config.data.eval)].includes(path))
      throw new AgentError(
        `Cannot change ${name}, because run ${place.name} (${state.status}) requires it for a resume. Use a copy.`,
      );
  }
}

interface Proposer {
  form: Input['form'];
  by: string;
  at: string;
}

/** Yields the valid rows of a file, in order. */
async function* rowsIn(
  file: EditedFile,
  edits: EditSession,
): AsyncGenerator<{ row: number; text: string; sample: Sample }> {
  for (let from = 0; from < edits.count; from += STRETCH) {
    const count = Math.min(STRETCH, edits.count - from);
    const texts = await edits.read((pieces) => file.texts(slice(pieces, from, count)));
    for (const [i, text] of texts.entries()) {
      const { sample } = toSample(parseJson(text));
      if (sample) yield { row: from + i, text, sample };
    }
  }
}

/** Writes texts into rows that have no texts for the view yet. All other bytes of the file stay unchanged. */
async function rewrite(
  path: string,
  rewrites: readonly Rewrite[],
  proposer: Proposer,
): Promise<{ outcomes: Outcome[]; waiting: number }> {
  const { file, edits } = await EditedFile.edit(path);
  try {
    const rows = new Map<string, { row: number; text: string; sample: Sample }>();
    const wanted = new Set(rewrites.map(({ id }) => id));
    let [waiting, proposed] = [0, 0];
    for await (const { row, text, sample } of rowsIn(file, edits)) {
      const variant = sample.variants?.[proposer.form];
      if (wanted.has(sample.id)) rows.set(sample.id, { row, text, sample });
      if (!variant || reviewState(sample, proposer.form, variant) !== 'pending') continue;
      waiting += 1;
      if (isOfAgent(variant.review?.by ?? '')) proposed += 1;
    }
    const outcomes: Outcome[] = [];
    for (const wording of rewrites) {
      const refuse = (why: string) => outcomes.push({ id: wording.id, why, failed: [] });
      const place = rows.get(wording.id);
      const written = place ? proposal(place.sample, wording, proposer) : 'The file has no row with this id.';
      if (!place || typeof written === 'string') refuse(String(written));
      else if (proposed >= MOST_WAITING)
        refuse(`The file already has ${MOST_WAITING} pending proposals. A person must review some first.`);
      else {
        await edits.edit(place.row, 1, [setInJson(place.text, ['variants', proposer.form], written)]);
        rows.delete(wording.id); // A second proposal for the row would overwrite the first.
        proposed += 1;
        if (!place.sample.variants?.[proposer.form]) waiting += 1;
        outcomes.push({ id: wording.id, why: null, failed: failedIn(written) });
      }
    }
    if (edits.isUnsaved && !(await edits.save()))
      throw new AgentError('Another program changed the file, so nothing was written. Call again.');
    return { outcomes, waiting };
  } finally {
    await file.close();
  }
}

const failedIn = ({ checks }: Variant): string[] =>
  Object.entries(checks).flatMap(([name, result]) => (result === 'pass' ? [] : [name]));

/**
 * Returns a row's variant with an agent's texts, or the reason for rejecting the texts. The variant is pending even if
 * it passes its checks, because an agent's output can follow instructions in its input.
 */
function proposal(
  sample: Sample,
  { note, ...rewritten }: Rewrite,
  { form, by, at }: Proposer,
): Variant | string {
  const { question, answer, reasoning, choices } = rewritten;
  const texts = {
    question,
    answer,
    ...(reasoning !== undefined && { reasoning }),
    ...(choices && { choices }),
  };
  const stored = variantNow(sample, form);
  if (stored && decisionsOf(stored).length > 0) return 'A person has already decided on this row.';
  const before = stored ?? rewriteFor(sample, form);
  if (stored ? reviewState(sample, form, stored) !== 'pending' : before.status !== 'needs_llm')
    return `The row needs no text, because its status is ${before.status}.`;
  const written: Variant = { ...before, ...texts, status: 'needs_llm', route: 'llm' };
  const checks = checkVariant(sample, form, written);
  const { model = by, images = false, attempts = [] } = before.llm ?? {};
  const attempt = { prompt: by, raw: '', ...texts, checks };
  return {
    ...written,
    checks,
    review: { state: 'pending', by, at, ...(note && { note }) },
    llm: { model, images, attempts: [...attempts.filter(({ prompt }) => prompt !== by), attempt] },
  };
}

/** Writes new rows to a file of drafts, so that no dataset grows. */
async function draft(
  path: string,
  drafts: readonly Row[],
  { form, ...who }: Proposer,
  roots: readonly string[],
): Promise<{ path: string; outcomes: Outcome[] }> {
  const target = path.replace(/(?:\.drafts)?\.qa\.jsonl$/, '.drafts.qa.jsonl');
  if (!(await mayRead(roots, target))) throw new AgentError('The drafts file is a link out of the folder.');
  const images = await imagesOf(
    path,
    drafts.flatMap(({ image_of: id }) => id ?? []),
  );
  const { file, edits } = await EditedFile.edit(target, { orNew: true });
  try {
    const ids = new Set<string>();
    for await (const { sample } of rowsIn(file, edits)) ids.add(sample.id);
    const outcomes: Outcome[] = [];
    const rows: string[] = [];
    for (const { image_of: source, note, ...texts } of drafts) {
      const refs = source === undefined ? [] : images.get(source);
      const id = `draft-${sha256(Buffer.from(JSON.stringify([texts, refs]))).slice(0, 10)}`;
      const refuse = (why: string) => outcomes.push({ id, why, failed: [] });
      if (refs === undefined) {
        refuse(`image_of: row "${cutText(source!, 60)}" does not exist in the file.`);
        continue;
      }
      const { sample, problems } = parseSample({ id, ...texts, images: refs, source: who.by });
      const error = problems.find(({ severity }) => severity === 'error');
      if (!sample || error) refuse(error?.message ?? 'The draft is not a valid row.');
      else if (ids.has(id)) refuse('This draft already exists.');
      else if (ids.size >= MOST_WAITING)
        refuse(`The file already has ${MOST_WAITING} drafts. A person must review some first.`);
      else {
        ids.add(id);
        const variant: Variant = rewriteFor(sample, form);
        const review = { state: 'pending', ...who, ...(note && { note }) } as const;
        rows.push(JSON.stringify({ ...sample, variants: { [form]: { ...variant, review } } }));
        outcomes.push({ id, why: null, failed: failedIn(variant) });
      }
    }
    if (rows.length > 0) {
      await edits.edit(edits.count, 0, rows);
      if (!(await edits.save())) throw new AgentError('Another program changed the drafts file. Call again.');
    }
    return { path: target, outcomes };
  } finally {
    await file.close();
  }
}

async function imagesOf(path: string, ids: readonly string[]): Promise<Map<string, ImageRef[]>> {
  const images = new Map<string, ImageRef[]>();
  if (ids.length > 0)
    for await (const { sample } of (await openDataset(path)).rows)
      if (sample && ids.includes(sample.id)) images.set(sample.id, sample.images);
  return images;
}
