import type { ConfigField } from '../../src/core/protocol/run-panel.ts';
import type { OpenRun } from './view.ts';

/** The config of a run as it was resolved: what was set first, then everything by section. */
export function Settings({ run, open }: { run: OpenRun; open: () => void }) {
  const { config, configError } = run.facts;
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
        <button type="button" class="plain" title="Open run.yaml" onClick={open}>
          run.yaml
        </button>
      </div>
      {configError && <p class="problem">{configError}</p>}
      {set.length > 0 && (
        <section>
          <h3>Different from the defaults</h3>
          <Fields fields={set} strip={0} />
        </section>
      )}
      {config.length > 0 && <h3>All settings</h3>}
      {[...sections].map(([name, fields]) => (
        <details key={name}>
          <summary>
            {name}
            {fields.some(({ differs }) => differs) && (
              <span class="count" title="Different from the defaults">
                {fields.filter(({ differs }) => differs).length}
              </span>
            )}
          </summary>
          <Fields fields={fields} strip={name === 'run' ? 0 : name.length + 1} />
        </details>
      ))}
    </>
  );
}

function Fields({ fields, strip }: { fields: ConfigField[]; strip: number }) {
  return (
    <dl>
      {fields.map((field) => (
        <Field key={field.path} field={field} name={field.path.slice(strip)} />
      ))}
    </dl>
  );
}

function Field({ field, name }: { field: ConfigField; name: string }) {
  return (
    <div class={field.differs ? 'field set' : 'field'} title={notesOf(field)}>
      <dt>{name}</dt>
      <dd>{field.value === '' ? '–' : field.value}</dd>
    </div>
  );
}

/** What a field means, what it would be by itself, and what the papers say. */
export function notesOf({ path, description, fallback, paper, tradeoff, value }: ConfigField): string {
  return [
    `${path}: ${value}`,
    description,
    fallback !== null && `Default: ${fallback}`,
    paper && `Paper: ${paper}`,
    tradeoff,
  ]
    .filter(Boolean)
    .join('\n');
}

/** Several runs: only the settings in which they differ. */
export function Differences({ runs }: { runs: OpenRun[] }) {
  const paths = [...new Set(runs.flatMap(({ facts }) => facts.config.map(({ path }) => path)))];
  const valuesOf = (path: string) =>
    runs.map(({ facts }) => facts.config.find((field) => field.path === path)?.value ?? '–');
  const rows = paths
    .map((path) => ({ path, values: valuesOf(path) }))
    .filter(({ values }) => new Set(values).size > 1);
  return (
    <>
      <h2>What differs</h2>
      {rows.length === 0 && <p class="quiet">The configs of these runs are the same.</p>}
      {rows.map(({ path, values }) => (
        <section key={path} class="difference">
          <h3>{path}</h3>
          <dl>
            {values.map((value, i) => (
              <div class="field">
                <dt>{runs[i]!.name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </>
  );
}
