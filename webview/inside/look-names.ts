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

/** What the page shows. */
export interface InsideState {
  /** Null until the host has sent them. */
  runs: InsideRun[] | null;
  /** Increases when the results are to be read again. */
  revision: number;
  /** The title of the chosen result; '' for none. */
  chosen: string;
  /** Why nothing is shown; null if the host answers. */
  problem: string | null;
}

export type InsideModel = PageModel<InsideState, InsideHost>;

/** Opens a row in the Pair panel. */
export type OpenRow = (id: string) => void;

/** A table does not draw more rows than this. */
export const MOST_ROWS = 100;

/** A result of one of the panel's runs. */
export interface Result extends InsightEntry {
  run: InsideRun;
}

export const TITLES: Record<Insight['kind'], string> = {
  set: 'Attention analysis',
  probe: 'Probes',
  patch: 'Activation patching',
};

/** The name of a folder: kind, set, step, and digits that change with what was asked. */
const NAME = /^[a-z]+-(?<set>.*?)(?:-step-\d+)?(?:-(?<digits>[0-9a-f]{8}))?$/;

/** What a result is about, from the general to the particular; '' for what does not matter. */
function partsOf({ run, name, manifest }: Result): string[] {
  const step = manifest?.step ?? null;
  const set = NAME.exec(name)?.groups?.set ?? name;
  return [run.name, set, step === null ? '' : `step ${step}`, manifest?.strategy ?? ''];
}

/** The titles of results, all different. */
export function titlesOf(results: readonly Result[]): string[] {
  const several = new Set(results.map(({ run }) => run.dir)).size > 1;
  const titles = results.map((result) => {
    const [run, ...parts] = partsOf(result);
    return `${several ? `${run!}: ` : ''}${TITLES[result.kind]}: ${parts.filter(Boolean).join(', ')}`;
  });
  return distinct(titles, results);
}

/** Short names of looks at the same rows, by what they differ in. */
export const labelsOf = (looks: readonly Result[]): string[] =>
  distinct(nameLooks(looks.map(partsOf)), looks);

/** Adds to equal names how many rows there are, and what was hidden; if they are still equal, the folders' digits. */
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

/** Which rows a look is about: looks with the same key can be compared. */
export const rowsKey = ({ kind, manifest }: Result): string | null =>
  kind === 'set' && manifest ? (manifest.set.sha256 ?? manifest.set.path) : null;
