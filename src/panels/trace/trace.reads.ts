import { basename, dirname } from 'node:path';
import type { Call } from '../../base/call.ts';
import { RecentMap } from '../../base/recent-map.ts';
import { acceptedText } from '../../core/answers/score-row.ts';
import type { Column } from '../../core/query/compile.ts';
import type { ImageBytes } from '../pair/pair.contract.ts';
import type { ListedPair, PairId, TraceSource } from '../../core/run-data/trace-summary.ts';
import type { HostOf } from '../calls.contract.ts';
import type { Args } from '../../base/channel.ts';
import type {
  Allowed,
  EvaluationPlace,
  OpenedPair,
  TraceHost,
  TraceList,
  TraceRow,
  traceReads,
} from './trace.contract.ts';
import { tokenTexts } from '../../lab/models/token-texts.ts';
import { openArrays } from '../../lab/traces/arrays.ts';
import { pairImage } from '../../lab/traces/pair-image.ts';
import { indexOf, queryPairs, type Selection } from '../../lab/traces/index.ts';
import type { PairTable } from '../../core/run-data/trace-table.ts';
import type { Wall } from './wall.contract.ts';
import { renamedSets } from '../../lab/evaluation/evaluation-folders.ts';
import { evaluationFolder } from '../../lab/traces/evaluations.ts';
import { outcomeColumn, partnersIn, wallOf } from './wall.reads.ts';
import { rowsIn } from '../../lab/traces/data-rows.ts';
import { dataOf, foldersToAllow } from '../../lab/traces/data-folders.ts';
import { UntilChanged, versionAt } from '../../lab/files/version.ts';
import { choicesFor } from '../../lab/foreign/known.ts';
import type { Sample } from '../../rows/sample/sample.ts';
import { isViewId, type ViewId } from '../../rows/view-list.ts';
import { inView } from '../../rows/views/view.ts';
import { listSources } from '../../lab/traces/sources.ts';
import { readOrigin } from '../../lab/traces/run-steps.ts';
import { interpretationOf } from '../run/run-foreign.reads.ts';
import { imageBytes, LONGEST, type PairRows, type Rows } from '../data-rows.reads.ts';

/** Maximum number of cached lists: enough for the current and previous lists of one or two panels. */
const MAX_LISTS = 4;
/** Maximum number of unreadable lines that a list reports with reasons. */
const MAX_PROBLEMS = 20;
/** Maximum number of rows that a call returns. */
const MAX_PAGE = 1000;

interface Listed extends Selection {
  source: TraceSource;
  sorted: string | undefined;
  compared: boolean;
}

const countOf = (column: Column): number =>
  column.type === 'text' ? column.codes.reduce((sum, code) => sum + Number(code >= 0), 0) : 0;

/** Returns the properties without a value in any pair and, for an external run or its imported copy, the reasons. */
async function notKnown(run: string, table: PairTable): Promise<Pick<TraceList, 'unknown' | 'missing'>> {
  const from = await readOrigin(run).catch(() => null); // The error is reported by readers of the run's origin.
  const why = from?.origin.missing.map(({ field, why }) => [field.replace(/^trace\./, ''), why]);
  return {
    unknown: table.unknown(),
    ...(why && { missing: Object.fromEntries(why) as Record<string, string> }),
  };
}

type Listing = Args<TraceHost['traces']> & {
  against?: EvaluationPlace | undefined;
};

/** Calls about traces and evaluations of runs, for the panels. */
export class Traces implements HostOf<typeof traceReads> {
  private readonly lists = new RecentMap<number, Promise<Listed>>(MAX_LISTS);
  private next = 1;

  traceSources({ run }: { run: string }) {
    return listSources(run);
  }

  /** @param args.against second evaluation, if the list compares two evaluations */
  async traces({ query, list, against, ...source }: Listing, call: Call<number>): Promise<TraceList> {
    const index = indexOf(source);
    const joined = withOutcomes(source, against, call);
    const compared = against !== undefined;
    const answer = queryPairs(index, query, call, joined).then((selection): Listed => ({
      ...selection,
      source,
      sorted: query.sort?.field,
      compared,
    }));
    // A caller with an existing number already requests the list's rows.
    if (list !== undefined) this.keep(list, answer);
    const selection = await answer;
    if (list === undefined) this.keep((list = this.next), answer);
    const { parts, table } = selection.snapshot;
    const problems = parts.flatMap((part) => part.problems);
    const interpretation = await interpretationOf(source).catch(() => null); // The list reports the error of the mapping.
    return {
      list,
      total: selection.rows.length,
      inSource: table.length,
      compared: compared ? countOf(table.column('outcome')) : null,
      partners: partnersIn(table),
      occurring: table.occurring(),
      steps: [...new Set(parts.map(({ file }) => file.step))],
      broken: problems.length,
      problems: problems.slice(0, MAX_PROBLEMS),
      ...(table.fields.length > 0 && { own: table.fields.map(({ key }) => key) }),
      ...(await notKnown(source.run, table)),
      ...(interpretation && { interpretation }),
    };
  }

  traceRows({ list, from, count }: { list: number; from: number; count: number }): Promise<ListedPair[]> {
    return this.inList(list, ({ rows, snapshot }) =>
      Array.from(rows.subarray(from, from + Math.min(count, MAX_PAGE)), (row) => snapshot.table.row(row)),
    );
  }

  traceIndex({ list, id }: { list: number; id: PairId }): Promise<number> {
    return this.inList(list, ({ rows, snapshot, source }) =>
      rows.indexOf(indexOf(source).rowOf(snapshot, id)),
    );
  }

  traceWall({ list }: { list: number }): Promise<Wall> {
    return this.inList(list, ({ rows, snapshot, sorted, compared }) =>
      wallOf(snapshot.table, rows, sorted, compared),
    );
  }

  /** Returns the row id and evaluation set of each pair. Skips pairs that no longer exist. */
  async samplesOf({ ids, ...source }: TraceSource & { ids: readonly PairId[] }) {
    const index = indexOf(source);
    const snapshot = await index.refresh();
    return ids.flatMap((id) => {
      const row = index.rowOf(snapshot, id);
      return row < 0 ? [] : snapshot.table.row(row);
    });
  }

  async tracePair({ id, ...source }: TraceSource & { id: PairId }): Promise<OpenedPair> {
    const { pair, summary, file, arrays: bytes } = await indexOf(source).open(id);
    const texts = source.source === undefined ? await tokenTexts(source.run) : null;
    const arrays = await openArrays(bytes ?? file.path.replace(/\.jsonl$/, '.bin'), pair, texts);
    const sees = await indexOf(source).family(source.run);
    return { summary, traced: pair, ...arrays, ...(sees !== null && { sees }) };
  }

  async traceSample({
    sample,
    set,
    ...source
  }: TraceSource & { sample: string; set: string | null }): Promise<ListedPair[]> {
    const { table } = await indexOf(source).refresh();
    const column = table.column('sample');
    const code = column.type === 'text' ? column.words.indexOf(sample) : -1;
    if (column.type !== 'text' || code < 0) return [];
    return [...column.codes.keys()]
      .filter((row) => column.codes[row] === code)
      .map((row) => table.row(row))
      .filter((pair) => pair.set === null || pair.set === set);
  }

  async traceImage(args: Allowed<'traceImage'>): Promise<ImageBytes> {
    const { id, view = 0, image, allowed, ...source } = args;
    const { pair } = await indexOf(source).open(id);
    const { images = [], clip } = pair.views[view] ?? {};
    const ref = images[image];
    if (ref === undefined) throw new Error('This pair has fewer images.');
    const bytes = await pairImage(source, pair.kind === 'evaluated' ? pair.set : null, ref, allowed);
    return { ...imageBytes(bytes), ...(clip && image === 0 && { frames: images.length }) };
  }

  private keep(list: number, answer: Promise<Listed>): void {
    answer.catch(() => undefined); // Calls that wait for the list report the error.
    this.lists.set(list, answer);
    this.next = Math.max(this.next, list + 1);
  }

  private async inList<T>(list: number, look: (selection: Listed) => T): Promise<T> {
    const selection = this.lists.get(list);
    if (!selection) throw new Error('This list is outdated. Reload the rows.');
    return look(await selection);
  }
}

/** Finds rows in data files by their ids. */
export class TraceRows {
  private readonly lines = new UntilChanged<Map<string, number>>(1);

  constructor(
    private readonly rows: Rows,
    private readonly pairs: PairRows,
  ) {}

  /**
   * Returns the row from which a pair was made; null if the data files no longer contain the row.
   * @throws if the user has not allowed reading the data file
   */
  async read(args: Allowed<'traceRow'>): Promise<TraceRow | null> {
    const { data } = choicesFor(args.run);
    const from = data === null ? await readOrigin(args.run) : null;
    if (from)
      throw new Error(
        from.origin.missing.find(({ field }) => ['trace.images', 'images', 'trace.boxes'].includes(field))
          ?.why ?? 'The run stored no boxes.',
      );
    const { files, root } = await dataOf(args, args.set, args.allowed);
    const [closed] = files.length > 0 ? [] : await foldersToAllow(args, args.allowed);
    if (closed !== undefined)
      throw new Error(
        `Cannot read the rows in ${closed} without your permission. To allow this, add the folder to the workspace.`,
      );
    for (const path of files) {
      const line = (await this.linesOf(path)).get(args.sample);
      const place = line === undefined ? null : await this.rows.find({ path, line, by: 0 });
      if (!place) continue;
      const folder = dirname(path);
      const row = await this.pairs.read({ text: place.text, place: { folder, root: root ?? folder } });
      const sample = place.text.length > LONGEST ? null : row.sample;
      // The program of an external run has its own rule.
      const accepted = data === null && sample ? acceptedText(sample) : null;
      return { row, path, line: place.line, choices: choicesIn(sample, args.views), accepted };
    }
    if (data !== null) throw new Error(`No row in ${basename(data)} matches this question.`);
    return null;
  }

  private async linesOf(path: string): Promise<Map<string, number>> {
    return this.lines.of(path, await versionAt(path), () => indexIds(path));
  }
}

/** Returns the choices of a row in each view. Skips unknown views, and views that the row lacks. */
function choicesIn(sample: Sample | null, views: readonly ViewId[]): TraceRow['choices'] {
  return Object.fromEntries(
    views.filter(isViewId).flatMap((view) => {
      const choices = sample && inView(sample, view)?.choices;
      return choices ? [[view, choices]] : [];
    }),
  );
}

async function indexIds(path: string): Promise<Map<string, number>> {
  const ids = new Map<string, number>();
  for await (const { id, line } of rowsIn(path)) ids.set(id, line);
  return ids;
}

/** Returns a function that adds the outcomes in a second evaluation to a table; without one, unknown outcomes. */
const withOutcomes =
  (source: TraceSource, against: EvaluationPlace | undefined, call: Call<number>) =>
  async (table: PairTable) => {
    const none: Column = { type: 'text', codes: new Int32Array(table.length).fill(-1), words: [] };
    if (!against) return table.with('outcome', none);
    const second = (await indexOf(against).refresh(call)).table;
    const dirs = [source, against].map(({ run, source: at = '.' }) => evaluationFolder(run, at));
    return table.with('outcome', outcomeColumn(table, second, await renamedSets(dirs)));
  };
