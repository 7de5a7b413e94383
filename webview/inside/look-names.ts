import { nameLooks } from '../../src/core/insight/set-names.ts';
import type {
  InsideHost,
  InsideRun,
  Insight,
  InsightEntry,
} from '../../src/panels/inside/inside.contract.ts';
import type { Channel } from '../../src/base/channel.ts';
import type { PageModel } from '../ui/page-model.ts';

export type Host = Channel<InsideHost>;

export interface InsideState {
  /** Runs from the host; null until the host has sent them. */
  runs: InsideRun[] | null;
  /** Counter that increases whenever the page must read the results again. */
  revision: number;
  /** Title of the selected result; '' if no result is selected. */
  chosen: string;
  /** Reason why the page shows no results; null if it shows results. */
  problem: string | null;
}

export type InsideModel = PageModel<InsideState, InsideHost>;

/** Function that opens a row in the Pair panel. */
export type OpenRow = (id: string) => void;

/** Maximum number of rows that a table shows. */
export const MOST_ROWS = 100;

export interface Result extends InsightEntry {
  run: InsideRun;
}

export const TITLES: Record<Insight['kind'], string> = {
  set: 'Attention analysis',
  probe: 'Probes',
  patch: 'Activation patching',
};

/** Matches a folder name and its parts: kind, set, step, and a hash of the options. */
const NAME = /^[a-z]+-(?<set>.*?)(?:-step-\d+)?(?:-(?<digits>[0-9a-f]{8}))?$/;

/** Returns the parts of a result's title, from general to specific. Irrelevant parts are empty. */
function partsOf({ run, name, manifest }: Result): string[] {
  const step = manifest?.step ?? null;
  const set = NAME.exec(name)?.groups?.set ?? name;
  return [run.name, set, step === null ? '' : `step ${step}`, manifest?.strategy ?? ''];
}

export function titlesOf(results: readonly Result[]): string[] {
  const several = new Set(results.map(({ run }) => run.dir)).size > 1;
  const titles = results.map((result) => {
    const [run, ...parts] = partsOf(result);
    return `${several ? `${run!}: ` : ''}${TITLES[result.kind]}: ${parts.filter(Boolean).join(', ')}`;
  });
  return distinct(titles, results);
}

/** Returns short names for results on the same rows. The names contain only the differences. */
export const labelsOf = (looks: readonly Result[]): string[] =>
  distinct(nameLooks(looks.map(partsOf)), looks);

/** Makes equal names distinct by adding the number of rows and the hidden inputs, or else the folders' hashes. */
function distinct(names: readonly string[], results: readonly Result[]): string[] {
  const isTwice = (name: string, _: number, all: readonly string[]) =>
    all.indexOf(name) !== all.lastIndexOf(name);
  const told = names.map((name, i) => {
    const { limit, hide = [] } = results[i]!.manifest ?? {};
    const more = [
      limit == null ? '' : `first ${limit} rows`,
      hide.length > 0 ? `${hide.join(', ')} hidden` : '',
    ];
    return isTwice(name, i, names) ? [name, ...more].filter(Boolean).join(', ') : name;
  });
  return told.map((name, i) => {
    const digits = NAME.exec(results[i]!.name)?.groups?.digits ?? `${i + 1}`;
    return isTwice(name, i, told) ? [name, digits].filter(Boolean).join(', ') : name;
  });
}

/** Returns a key for the rows of a result. Results with the same key are comparable. */
export const rowsKey = ({ kind, manifest }: Result): string | null =>
  kind === 'set' && manifest ? (manifest.set.sha256 ?? manifest.set.path) : null;
