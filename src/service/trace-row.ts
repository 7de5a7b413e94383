import { basename, dirname } from 'node:path';
import type { HostOf } from '../core/protocol/calls.ts';
import type { Allowed, TraceRow, whatIfReads } from '../core/protocol/trace-panel.ts';
import { choicesFor } from '../lab/foreign/known.ts';
import { dataOf, foldersToAllow } from '../lab/traces/data-folders.ts';
import type { Sample } from '../core/sample/sample.ts';
import { isViewId, type ViewId } from '../core/view-list.ts';
import { inViews } from '../core/views/view.ts';
import { LONGEST, type PairRows } from './pair-row.ts';
import type { Rows } from './rows.ts';
import { assessmentOf } from '../core/config/derived.ts';
import { withoutTexts } from '../core/what-if/recompute.ts';
import { settingsFor, withChanges } from '../core/what-if/settings.ts';
import { listCheckpoints } from '../lab/runs/checkpoints.ts';
import { whatIfRun } from '../lab/runs/trace.ts';
import { UntilChanged } from '../lab/files/until-changed.ts';
import { versionAt } from '../lab/files/version.ts';
import { rowsIn } from '../lab/traces/data-rows.ts';
import { readOrigin, stepsOf } from '../lab/traces/steps.ts';

/** Finds the rows of data files by the ids of their samples. */
export class TraceRows {
  private readonly lines = new UntilChanged<Map<string, number>>(1);

  constructor(
    private readonly rows: Rows,
    private readonly pairs: PairRows,
  ) {}

  /**
   * The row that a pair was made from; null if the files no longer contain it.
   * @throws if its file may not be read
   */
  async read(args: Allowed<'traceRow'>): Promise<TraceRow | null> {
    const { data } = choicesFor(args.run);
    const from = data === null ? await readOrigin(args.run) : null;
    if (from)
      throw new Error(
        from.origin.missing.find(({ field }) => ['trace.images', 'images', 'trace.boxes'].includes(field))
          ?.why ?? 'No boxes were kept.',
      );
    const { files, root } = await dataOf(args, args.set, args.allowed);
    const [closed] = files.length > 0 ? [] : await foldersToAllow(args, args.allowed);
    if (closed !== undefined)
      throw new Error(`The rows are in ${closed}, which you have not allowed Chirality to read.`);
    for (const path of files) {
      const line = (await this.linesOf(path)).get(args.sample);
      const place = line === undefined ? null : await this.rows.find({ path, line, by: 0 });
      if (!place) continue;
      const folder = dirname(path);
      const row = await this.pairs.read({ text: place.text, place: { folder, root: root ?? folder } });
      const choices = place.text.length > LONGEST ? {} : choicesIn(row.sample, args.views);
      return { row, path, line: place.line, choices };
    }
    if (data !== null) throw new Error(`No row of ${basename(data)} matches this question.`);
    return null;
  }

  private async linesOf(path: string): Promise<Map<string, number>> {
    return this.lines.of(path, await versionAt(path), () => indexIds(path));
  }
}

/** The choices of a row in views; those of an unknown view, or of one that the row does not have, are left out. */
function choicesIn(sample: Sample | null, views: readonly ViewId[]): TraceRow['choices'] {
  const seen = sample ? inViews(sample, views.filter(isViewId)) : [];
  return Object.fromEntries(
    seen.flatMap((each) => (each.sample.choices ? [[each.view, each.sample.choices]] : [])),
  );
}

async function indexIds(path: string): Promise<Map<string, number>> {
  const ids = new Map<string, number>();
  for await (const { id, line } of rowsIn(path)) ids.set(id, line);
  return ids;
}

/** What-if for the Trace panel: steps for the panel's own computations, and whole runs. */
export const whatIf: HostOf<typeof whatIfReads> = {
  whatIfConfig: ({ run }) => stepsOf(run).whatIfConfig(),

  whatIfCheckpoints: ({ run }) => listCheckpoints(run),

  async whatIfStep({ run, step }) {
    return withoutTexts(await stepsOf(run).pairs(step));
  },

  async whatIfRun({ run, changes }, call) {
    const steps = stepsOf(run);
    const config = await steps.whatIfConfig();
    if (!config) throw new Error('Only GRPO runs have rewards to compute with.');
    const settings = settingsFor(Object.keys(config.rewards));
    return whatIfRun(steps, assessmentOf(withChanges(config, changes, settings)), call);
  },
};
