import { OUTCOMES } from '../../core/metrics/outcome.ts';
import { compareRows, type ComparedRow } from '../../core/metrics/outcomes.ts';
import { PAIRINGS } from '../../core/metrics/pairing.ts';
import { viewRows, type ViewRow } from '../../core/metrics/view-pairings.ts';
import type {
  ReportAnswer,
  ReportChoices,
  ReportComparison,
  ReportSource,
  ViewRowsAnswer,
  ViewRowsQuery,
} from './report.contract.ts';
import { evaluationsReport } from '../../core/reports/build-report.ts';
import {
  underDistinctNames,
  withoutRepeats,
  nameOf,
  refusalToCompare,
  type Evaluation,
} from '../../core/reports/evaluation.ts';
import { rowsUnder } from '../../core/evaluation/shared-sets.ts';
import { comparisonSections } from '../../core/reports/sections/comparison-section.ts';
import { readDifference } from '../../lab/evaluation/read-audit.ts';
import {
  evaluationVersion,
  evaluationsBeside,
  evaluationsOfRun,
  readEvaluation,
  readScoredRows,
} from '../../lab/evaluation/evaluation-folders.ts';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { sweepReport } from '../../core/reports/sweep/build-sweep-report.ts';
import { readState } from '../../lab/runs/state.ts';
import { readSweepRuns } from '../../lab/sweeps/sweep-data.ts';
import { readPlan, sweepRun } from '../../lab/sweeps/sweep-folder.ts';
import { ifMissing } from '../../lab/files/disk-error.ts';
import { mayBeForeign } from '../../lab/foreign/known.ts';
import { UntilChanged } from '../../lab/files/version.ts';

/** Maximum number of rows that a call returns. */
const MAX_PAGE = 1000;

type ComparedRows = Pick<ViewRowsQuery, 'from' | 'count'> & {
  compare: readonly [first: string, second: string];
  outcome: ComparedRow['outcome'];
};

interface Compared {
  comparison: ReportComparison;
  rows: ComparedRow[];
}

/** Reports on evaluations, for the Report panel. Does not read unchanged evaluations again. */
export class Reports {
  private readonly evaluations = new UntilChanged<Evaluation>();
  /** Last comparison, and rows of the last cell. They are cached because the page requests them in parts. */
  private readonly compared = new UntilChanged<Compared>(1);
  private readonly paired = new UntilChanged<ViewRow[]>(1);

  /** Returns a version that changes whenever an evaluation is added, changed or removed. */
  async reportVersion(source: ReportSource): Promise<string> {
    const folders = await foldersOf(source);
    return (await Promise.all(folders.map(async (dir) => `${dir} ${await evaluationVersion(dir)}`))).join(
      '\n',
    );
  }

  async report({ choices, ...source }: ReportSource & { choices: ReportChoices }): Promise<ReportAnswer> {
    const read: Evaluation[] = [];
    const problems: string[] = [];
    for (const dir of await foldersOf(source)) {
      await this.evaluation(dir).then(
        (evaluation) => read.push(evaluation),
        (error: Error) => problems.push(error.message),
      );
    }
    const evaluations = underDistinctNames(withoutRepeats(read));
    // The panel tests the best two evaluations below their sentence.
    const options = { ...choices, title: 'Evaluations', isPaired: evaluations.length > 1 };
    const { compared, ...report } = evaluationsReport(evaluations, options);
    const chosen = choices.compare?.map((key) => evaluations.find((evaluation) => evaluation.key === key));
    const [first, second] = chosen ?? compared ?? [];
    const both = first && second && first !== second ? ([first, second] as const) : null;
    return {
      ...report,
      evaluations: evaluations.map((evaluation) => ({
        key: evaluation.key,
        name: nameOf(evaluation),
        ...(evaluation.renamed && {
          ownSets: [...evaluation.renamed].map(([own, set]) => [set, own] as const),
        }),
      })),
      subjects: [...new Set(evaluations.map(({ subject }) => subject))],
      comparison: both ? (await this.compare(...both)).comparison : null,
      compare: both ? [both[0].key, both[1].key] : null,
      problems,
      ofOthers: source.runs.length > 0 && source.runs.every(mayBeForeign),
    };
  }

  /** Returns the rows of the comparison with a given outcome. @throws if the evaluations no longer contain rows */
  async reportRows({ compare, outcome, from, count }: ComparedRows): Promise<ComparedRow[]> {
    const read = await Promise.all(compare.map((key) => this.evaluation(key)));
    const [first, second] = underDistinctNames(read);
    const { rows } = await this.compare(first!, second!);
    return rows.filter((row) => row.outcome === outcome).slice(from, from + Math.min(count, MAX_PAGE));
  }

  /** Returns the rows behind a cell of the view matrix. @throws if the evaluation no longer contains rows */
  async reportViewRows({ cell, pairing, from, count }: ViewRowsQuery): Promise<ViewRowsAnswer> {
    const { key, set, views } = cell;
    const rows = await this.paired.of(JSON.stringify(cell), await evaluationVersion(key), async () =>
      viewRows(await readScoredRows(key), set, views),
    );
    const countOf = (which: ViewRow['pairing']) => rows.filter((row) => row.pairing === which);
    return {
      counts: Object.fromEntries(
        PAIRINGS.map((which) => [which, countOf(which).length]),
      ) as ViewRowsAnswer['counts'],
      rows: countOf(pairing).slice(from, from + Math.min(count, MAX_PAGE)),
    };
  }

  /** @throws with a message that contains the folder if the folder has no finished evaluation */
  private async evaluation(dir: string): Promise<Evaluation> {
    return this.evaluations.of(dir, await evaluationVersion(dir), () => readEvaluation(dir));
  }

  private async compare(first: Evaluation, second: Evaluation): Promise<Compared> {
    const keys = [first.key, second.key];
    const versions = await Promise.all(keys.map(evaluationVersion));
    return this.compared.of(JSON.stringify(keys), versions.join(), async () => {
      const [a, b] = await Promise.all(
        [first, second].map(async (each) => rowsUnder(each, await readScoredRows(each.key))),
      );
      const rows = refusalToCompare([first, second]) === null ? compareRows(a!, b!) : [];
      const judged = await readDifference(first.key, second.key);
      const sections = comparisonSections([first, second], [a!, b!], judged);
      const counts = Object.fromEntries(
        OUTCOMES.map((outcome) => [outcome, rows.filter((row) => row.outcome === outcome).length]),
      ) as ReportComparison['counts'];
      const several = rows.some(({ answers }) => Math.max(...answers) > 1);
      return { comparison: { ...sections, counts, several }, rows };
    });
  }
}

async function foldersOf({ runs, roots }: ReportSource): Promise<string[]> {
  const folders = await Promise.all([...runs.map(evaluationsOfRun), ...roots.map(evaluationsBeside)]);
  return [...new Set(folders.flat())];
}

/** Calls about the comparisons of sweeps, for the Report panel. */
export const sweepReports = {
  /** Returns a version that changes whenever a run of the sweep starts, ends or is evaluated. */
  sweepVersion: async ({ sweep }: Sweep) => {
    const { runs } = await planOf(sweep);
    const each = runs.map(async ({ name }) => {
      const dir = sweepRun(sweep, name);
      const evaluations = await readdir(join(dir, 'eval')).catch(ifMissing([]));
      return `${(await readState(dir))?.status} ${evaluations.length}`;
    });
    return (await Promise.all(each)).join('\n');
  },
  sweepReport: async ({ sweep }: Sweep) => {
    const plan = await planOf(sweep);
    return sweepReport(basename(sweep), plan, await readSweepRuns(sweep, plan));
  },
};

/** Sweep, identified by its folder. */
type Sweep = { sweep: string };

async function planOf(sweep: string) {
  const plan = await readPlan(sweep);
  if (!plan) throw new Error(`${sweep} does not contain a sweep.`);
  return plan;
}
