import { useState } from 'preact/hooks';
import type { ConfigField } from '../../src/panels/run/run.contract.ts';
import { several } from '../../src/base/format.ts';
import { Cited } from '../ui/cited.tsx';
import { Scrolls } from '../ui/parts.tsx';
import type { OpenRun } from './run-panel-state.ts';

/** Resolved config of a run: first the settings that differ from the default, then all settings by section. */
export function Settings({ run, open }: { run: OpenRun; open: () => void }) {
  const { config, configError } = run.facts;
  const isOwn = run.facts.program === undefined;
  const set = config.filter(({ differs }) => differs);
  const sections = new Map<string, ConfigField[]>();
  for (const field of config) {
    const section = field.path.includes('.') ? field.path.split('.')[0]! : 'run';
    sections.set(section, [...(sections.get(section) ?? []), field]);
  }
  return (
    <>
      <div class="head">
        <h2>Config</h2>
        {isOwn && (
          <button type="button" class="plain quiet" title="Open run.yaml" onClick={open}>
            run.yaml
          </button>
        )}
      </div>
      {configError && <p class="problem fault">{configError}</p>}
      {set.length > 0 && (
        <section>
          <h3>Changes from defaults</h3>
          <Fields fields={set} strip={0} dir={run.dir} />
        </section>
      )}
      {config.length > 0 && <h3>All settings</h3>}
      {[...sections].map(([name, fields]) => {
        const changed = fields.filter(({ differs }) => differs).length;
        return (
          <details key={name}>
            <summary>
              {name}
              {changed > 0 && (
                <span class="quiet" title="Change from the default">
                  {' '}
                  {changed} changed
                </span>
              )}
            </summary>
            <Fields fields={fields} strip={name === 'run' ? 0 : name.length + 1} dir={run.dir} />
          </details>
        );
      })}
      {!isOwn && (
        <p class="quiet">
          This external run has no Chirality config. The settings are in the files of the trainer.
        </p>
      )}
    </>
  );
}

function Fields({ fields, strip, dir }: { fields: ConfigField[]; strip: number; dir: string }) {
  return (
    <ul class="fields">
      {fields.map((field) => (
        <Field
          key={field.path}
          field={field}
          name={field.path.slice(strip)}
          value={withRelativePaths(field.value, dir)}
        />
      ))}
    </ul>
  );
}

/** Setting of the config. Hovering shows the setting's meaning; a click keeps it visible, for keyboards and touch. */
function Field({ field, name, value }: { field: ConfigField; name: string; value: string }) {
  const [open, setOpen] = useState(false);
  return (
    <li class={field.differs ? 'set' : ''}>
      <button
        type="button"
        class="plain"
        aria-expanded={open}
        title={[`${field.path}: ${field.value}`, ...notesOf(field)].join('\n')}
        onClick={() => setOpen(!open)}
      >
        <span class="name">{name}</span>
        <span class="what">{value === '' ? '–' : value}</span>
      </button>
      {open &&
        notesOf(field).map((note) => (
          <p class="quiet">
            <Cited text={note} />
          </p>
        ))}
    </li>
  );
}

/** Returns notes on a field: its meaning, its default, the papers' value, and the cost of another value. */
function notesOf({ description, fallback, paper, tradeoff }: ConfigField): string[] {
  return [
    description,
    fallback !== null && `Default: ${fallback}`,
    paper && `Paper: ${paper}`,
    tradeoff,
  ].filter((note): note is string => typeof note === 'string' && note !== '');
}

interface Difference {
  path: string;
  /** Value in each run; a dash for a run without the setting. */
  values: string[];
}

const valuesOf = (runs: readonly OpenRun[], path: string): string[] =>
  runs.map(({ facts }) => facts.config.find((field) => field.path === path)?.value ?? '–');

/** Returns the settings that differ among runs. */
export function configDifferences(runs: readonly OpenRun[]): Difference[] {
  const paths = [...new Set(runs.flatMap(({ facts }) => facts.config.map(({ path }) => path)))];
  return paths
    .map((path) => ({ path, values: valuesOf(runs, path) }))
    .filter(({ values }) => new Set(values).size > 1);
}

export function Differences({ runs: all }: { runs: OpenRun[] }) {
  const runs = all.filter(({ facts }) => facts.program === undefined);
  const rows = configDifferences(runs);
  const recipes = valuesOf(runs, 'recipe');
  // A setting that another recipe lacks, with one value in each recipe, follows from the recipes.
  const follows = ({ values }: Difference) =>
    values.includes('–') && values.every((value, i) => value === values[recipes.indexOf(recipes[i]!)]);
  const lacking = rows.filter(follows);
  return (
    <section class="differences" aria-label="Config differences">
      <h2>Config differences</h2>
      {rows.length === 0 && runs.length > 1 && <p class="quiet">The configs of these runs are the same.</p>}
      {all
        .filter(({ facts }) => facts.program !== undefined)
        .map(({ dir, name, facts }) => (
          <p class="quiet" key={dir}>
            {`${name} is a ${facts.program} run without a config to compare.`}
          </p>
        ))}
      {rows.length > 0 && <DifferenceTable runs={runs} rows={rows.filter((row) => !follows(row))} />}
      {lacking.length > 0 && (
        <details>
          <summary>{several(lacking.length, 'setting')} of only some recipes</summary>
          <DifferenceTable runs={runs} rows={lacking} />
        </details>
      )}
    </section>
  );
}

const DifferenceTable = ({ runs, rows }: { runs: OpenRun[]; rows: Difference[] }) => (
  <Scrolls as="div" role="region" aria-label="Table of config differences">
    <table>
      <thead>
        <tr>
          <th scope="col">setting</th>
          {runs.map(({ dir, name }) => (
            <th scope="col" key={dir}>
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ path, values }) => (
          <tr key={path}>
            <th scope="row">{path}</th>
            {values.map((value, i) => (
              <td key={runs[i]!.dir}>{withRelativePaths(value, runs[i]!.dir)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  </Scrolls>
);

/** Returns a text with its paths relative to the parent of the runs folder. */
export function withRelativePaths(text: string, dir: string): string {
  const project = dir.replace(/[^/\\]+[/\\][^/\\]+[/\\]?$/, '');
  return project.length > 1 ? text.replaceAll(project, '') : text;
}
