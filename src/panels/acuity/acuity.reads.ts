import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import * as z from 'zod';
import { readCompletion } from '../../core/answers/extract.ts';
import type { AcuityView, OwnTrial, Trial } from './acuity.contract.ts';
import type { ImageBytes } from '../pair/pair.contract.ts';
import {
  ACUITY_FILE,
  type AnyAcuityRecord,
  MAP_KIND,
  readAcuity,
  readStimuli,
  subjectSchema,
  subjectOf,
} from '../../core/psychophysics/acuity-record.ts';
import { Random } from '../../base/random.ts';
import { acuityDocument, acuityOverview } from '../../core/reports/acuity-document.ts';
import type { AcuityAnswer } from '../../core/psychophysics/likelihood.ts';
import type { PointAnswers, ReportDocument } from '../../core/reports/document.ts';
import type { AcuityMeta } from '../../core/worlds/acuity/ask-block.ts';
import { MAP_AXES, SCENE_AXES, type SceneAxis } from '../../core/worlds/acuity/acuity-axes.ts';
import { timesOf } from '../../rows/sample/clip.ts';
import type { ImageRef } from '../../rows/sample/sample.ts';
import { readAnswersSoFar, recordOf } from '../../lab/acuity/acuity-answers.ts';
import { readQaJsonl } from '../../lab/datasets/rows.ts';
import { explainError, ifMissing } from '../../lab/files/disk-error.ts';
import { readText, streamFile } from '../../lab/files/regular.ts';
import { UntilChanged, versionIn } from '../../lab/files/version.ts';
import type { PairRows } from '../data-rows.reads.ts';

/** Finished or partial result. The key is the file of the model's record or of a person's answers. */
interface Measurement {
  key: string;
  isPerson: boolean;
  record: AnyAcuityRecord;
  total: number;
  rows: string;
  /** Whether the files of the answers exist, so that the page can show the answers. */
  canOpen: boolean;
}

/** Pattern of stimuli names: the axis and the hash of the plan. */
const STIMULI = new RegExp(`(?:${SCENE_AXES.join('|')})-[0-9a-f]{8}$`);
/** Axes and maps that have tabs, in order. */
const SUBJECTS = [...SCENE_AXES, ...MAP_AXES.map((axis) => subjectOf({ kind: MAP_KIND, axis }))];
/** Maximum size of a readable record, in bytes. */
const LONGEST = 16 << 20;

/** Finished and current measurements of `chirality acuity`. Does not compute unchanged results again. */
export class Acuity {
  private readonly kept = new UntilChanged<Measurement | null>();

  constructor(private readonly pairs: PairRows) {}

  /** @param args.roots folders of `chirality acuity`, which contain `rows/` */
  async acuity({ roots, axis, hidden }: AcuityQuery): Promise<AcuityView> {
    const problems: string[] = [];
    const measured: Measurement[] = [];
    for (const file of (await Promise.all(roots.map(resultsIn))).flat())
      await this.measured(file).then(
        (found) => found && measured.push(found),
        (error: Error) => problems.push(explainError(error)),
      );
    const axes = SUBJECTS.filter((subject) => measured.some(({ record }) => subjectOf(record) === subject));
    if (axis === OVERVIEW && axes.length > 1) return overviewOf(axes, measured, problems);
    const shown = axes.find((known) => known === axis) ?? axes[0] ?? null;
    const results = measured.filter(({ record }) => subjectOf(record) === shown);
    const records = results
      .filter(({ key }) => !hidden.includes(key))
      .map(({ key, record, canOpen }) => ({ ...record, ...(canOpen && { key }) }));
    return {
      axes: tabsOf(axes),
      axis: shown,
      results: results.map(({ key, isPerson, record, total, rows }) => ({
        key,
        model: record.model,
        isPerson,
        answered: record.n,
        total,
        rows,
      })),
      document: records.length > 0 ? acuityDocument(records, 'Acuity') : null,
      problems,
    };
  }

  /** Returns a report on the measurements of `evaluate.acuity` during a run; null without measurements. */
  async runAcuity({ dir }: { dir: string }): Promise<ReportDocument | null> {
    const records: AnyAcuityRecord[] = [];
    for (const file of await resultsIn(join(dir, 'acuity'))) {
      // Skip an unreadable measurement, which the Acuity panel reports.
      const measurement = await this.measured(file).catch(() => null);
      if (measurement && measurement.record.n === measurement.total)
        records.push({ ...measurement.record, run: basename(dir) });
    }
    return records.length > 0 ? acuityDocument(records, 'Acuity') : null;
  }

  /** Returns the answers at a point of a curve, or in a cell of a map. */
  async acuityTrials({ key, rows, x, view, cell }: TrialsQuery): Promise<Trial[]> {
    const { answers: all } = await readAnswersSoFar(rows, basename(key) === ACUITY_FILE ? dirname(key) : key);
    const trials = all.filter(
      (answered) =>
        (x ?? answered.x) === answered.x &&
        (view ?? answered.conditions.view) === answered.conditions.view &&
        String(cell ?? answered.cell) === String(answered.cell),
    );
    return Promise.all(
      trials.map(async ({ sample, text, line, ...answered }) => ({
        line,
        question: sample.question,
        reference: sample.answer,
        answer: readCompletion(text).lenient.text || text,
        verdict: verdictOn(answered, (sample.meta!.acuity as AcuityMeta).axis),
        images: endsOf(await this.pairs.images(sample, placeOf(rows))),
      })),
    );
  }

  /** Returns stimuli for a person, in random order. @throws Error if a question does not have exactly two choices */
  async ownTrials({ rows, seed }: { rows: string; seed: number }): Promise<OwnTrial[]> {
    const trials: OwnTrial[] = [];
    for await (const { sample } of readQaJsonl(await streamFile(rows))) {
      if (!sample) continue;
      const [left, right] = sample.choices ?? ['no', 'yes'];
      if (left === undefined || right === undefined)
        throw new Error(`${rows}: “${sample.question}” must have two answers.`);
      const images = await this.pairs.images(sample, placeOf(rows));
      const { id, question } = sample;
      trials.push({ id, question, choices: [left, right], images, times: timesOf(sample) });
    }
    return Random.from(`own trials ${seed}`).shuffle(trials);
  }

  acuityImage({ rows, ref }: { rows: string; ref: ImageRef }): Promise<ImageBytes> {
    return this.pairs.image({ image: ref, place: placeOf(rows) });
  }

  private async measured(file: string): Promise<Measurement | null> {
    const stats = await stat(file);
    return this.kept.of(file, versionIn(stats), () =>
      file.endsWith(ACUITY_FILE) ? finished(file, stats.size) : soFar(file),
    );
  }
}

const OVERVIEW = 'Overview';

/** Returns the tabs. If there are several axes, the overview is an additional tab. */
const tabsOf = (axes: string[]) => (axes.length > 1 ? [OVERVIEW, ...axes] : axes);

/** Returns the overview of models by axis, regardless of hidden results. */
function overviewOf(axes: string[], measured: readonly Measurement[], problems: string[]): AcuityView {
  const inOrder = axes.flatMap((axis) =>
    measured.map(({ record }) => record).filter((record) => subjectOf(record) === axis),
  );
  const document = { title: 'Acuity', lead: [], sections: [acuityOverview(inOrder, OVERVIEW)] };
  return { axes: tabsOf(axes), axis: OVERVIEW, results: [], document, problems };
}

export interface AcuityQuery {
  roots: readonly string[];
  axis: string | null;
  hidden: readonly string[];
}

export interface TrialsQuery extends PointAnswers {
  /** Data file of the stimuli. */
  rows: string;
}

function verdictOn({ claim, x, right }: AcuityAnswer, axis: SceneAxis): Trial['verdict'] {
  if (claim === null) return 'unread';
  if (axis === 'metres') return 'told';
  // A turn by 0 degrees leaves the question unchanged, so it has a right answer.
  if (axis !== 'turn' && x === 0) return 'none';
  return right ? 'right' : 'wrong';
}

/** Returns the first and the last of several items. */
const endsOf = <T>(all: readonly T[]): T[] => [...all.slice(0, 1), ...all.slice(1).slice(-1)];

const placeOf = (rows: string) => ({ folder: dirname(rows), root: dirname(rows) });

/** Returns the file of each result: the result's record or, without a record, its answers. */
async function resultsIn(root: string): Promise<string[]> {
  const names = await list(root);
  const folders = names.filter((name) => !['rows', 'people'].includes(name));
  const ofModels = await Promise.all(
    folders.map(async (name) => {
      const has = await list(join(root, name));
      const file = [ACUITY_FILE, 'rows.jsonl'].find((candidate) => has.includes(candidate));
      return file === undefined ? [] : [join(root, name, file)];
    }),
  );
  const fromFiles = await Promise.all(
    (await list(join(root, 'rows'))).map(async (name) => {
      const files = (await list(join(root, 'rows', name))).filter((file) => file.endsWith(`.${ACUITY_FILE}`));
      return files.map((file) => join(root, 'rows', name, file));
    }),
  );
  const people = (await list(join(root, 'people'))).filter((name) => name.endsWith('.jsonl'));
  return [
    ...ofModels.flat(),
    ...fromFiles.flat(),
    ...people.map((name) => join(root, 'people', name)),
  ].sort();
}

const list = (folder: string): Promise<string[]> => readdir(folder).catch(ifMissing([]));

/** Reads a complete record. Ignores the path to the answers in the record. */
async function finished(file: string, size: number): Promise<Measurement> {
  if (size > LONGEST) throw new Error(`${file} must be at most 16 MiB.`);
  const record = readAcuity(await readText(file), { file });
  const folder = dirname(file);
  const isEvaluation = basename(file) === ACUITY_FILE;
  const stimuli = isEvaluation ? await stimuliOf(folder) : basename(folder);
  const rows = join(dirname(folder), ...(isEvaluation ? ['rows'] : []), stimuli ?? '', 'data.qa.jsonl');
  return {
    key: file,
    isPerson: false,
    record,
    total: record.n,
    rows,
    canOpen: isEvaluation && stimuli !== null,
  };
}

/** Returns the name of the stimuli in an evaluation; null if the evaluation does not measure acuity. */
async function stimuliOf(folder: string): Promise<string | null> {
  const [name = ''] = Object.keys((await manifestOf(folder)).sets ?? {});
  return STIMULI.exec(name)?.[0] ?? null;
}

/** Fields used from an evaluation's manifest, which is untrusted. Fields of an unexpected form are ignored. */
const manifestSchema = z.object({
  sets: z.record(z.string(), z.unknown()).optional().catch(undefined),
  subject: subjectSchema.optional().catch(undefined),
});

async function manifestOf(folder: string): Promise<z.infer<typeof manifestSchema>> {
  const text = await readText(join(folder, 'manifest.json'));
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch {
    return {};
  }
}

/** Returns a result from the answers so far; null if no level has answers. */
async function soFar(file: string): Promise<Measurement | null> {
  const isPerson = basename(file) !== 'rows.jsonl';
  const folder = dirname(file);
  const stimuli = isPerson ? (STIMULI.exec(basename(file, '.jsonl'))?.[0] ?? null) : await stimuliOf(folder);
  if (stimuli === null) return null;
  const rows = join(dirname(folder), 'rows', stimuli, 'data.qa.jsonl');
  const manifest = join(dirname(rows), 'manifest.json');
  const { plan } = readStimuli(await readText(manifest), { file: manifest });
  const given = isPerson ? file : folder;
  const { answers, missing } = await readAnswersSoFar(rows, given);
  if (answers.length === 0) return null;
  const name = basename(given);
  const folderName = { model: name.slice(0, name.indexOf(`-${stimuli}`)), run: null, step: null };
  const subject = (!isPerson && (await manifestOf(folder)).subject) || folderName;
  const record = await recordOf(plan, rows, { ...subject, answers: given }, answers);
  // A person can stop at any time, so missing answers count only for models.
  const total = answers.length + (isPerson ? 0 : missing);
  return { key: isPerson ? file : join(folder, ACUITY_FILE), isPerson, record, total, rows, canOpen: true };
}
