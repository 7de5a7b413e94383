import type { ComponentChildren } from 'preact';
import type { OpenRun } from './run-panel-state.ts';

/** Origin of a run, collapsed: command, commit, host, hardware, versions, start, seed and data. */
export function Overview({ name, run }: { name: ComponentChildren; run: OpenRun }) {
  const { about } = run.news;
  if (about.length === 0) return null;
  return (
    <details class="overview">
      <summary>{name}Run overview</summary>
      <ul class="fields">
        {about.map(([what, value]) => (
          <li key={`${what} ${value}`}>
            <span class="name">{what}</span>
            <span class="what">{withRelativePaths(value, run.dir)}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}

/** Returns a text whose paths are relative to the parent of the runs folder. */
export function withRelativePaths(text: string, dir: string): string {
  const project = dir.replace(/[^/\\]+[/\\][^/\\]+[/\\]?$/, '');
  return project.length > 1 ? text.replaceAll(project, '') : text;
}
