import type { OptionsOf } from '../command-options.ts';
import type { addGraphCheckCommand, addGraphConvertCommand } from './graph.command.ts';
import { several } from '../../base/format.ts';
import { convertGraph } from '../../rows/scene-graph/convert-graph.ts';
import { inputName, formatProblem, openInput, noRows } from '../input.ts';
import type { Problem } from '../../base/problem.ts';
import { SHOWN, printJson, print, tell, note } from '../print.ts';
import { Progress } from '../progress.ts';
import { jsonLines } from '../../lab/datasets/rows.ts';
import { isRecord } from '../../base/json.ts';
import { parseSample } from '../../rows/sample/parse-sample.ts';
import { UsageError } from '../errors.ts';
import { readGraph } from '../../rows/scene-graph/read-graph.ts';
import { type ImageRef, declaredSize } from '../../rows/sample/sample.ts';
import { checkGraph, checkAsked } from '../../rows/views/check-row.ts';
import { foreignGraphs } from '../../lab/datasets/foreign-graphs.ts';
import { requireNothingLost, writeLines } from '../write-samples.ts';

type CheckFlags = OptionsOf<typeof addGraphCheckCommand>;

export async function check(file: string | undefined, flags: CheckFlags): Promise<void> {
  const name = inputName(file);
  const counts = { rows: 0, graphs: 0, without: 0, sources: tally(), errors: tally(), warnings: tally() };
  const report = (line: number, id: unknown, problem: Problem) => {
    const kinds = problem.severity === 'error' ? counts.errors : counts.warnings;
    const n = (kinds[problem.code] = (kinds[problem.code] ?? 0) + 1);
    if (flags.json) printJson({ file: name, line, ...(id !== undefined && { id }), ...problem });
    else if (n <= SHOWN) print(formatProblem(name, line, problem));
  };
  const progress = new Progress('row');
  for await (const { line, value, problem } of jsonLines(await openInput(file))) {
    counts.rows += 1;
    progress.update(counts.rows);
    if (problem) report(line, undefined, problem);
    if (!isRecord(value)) {
      if (!problem) for (const fault of parseSample(value).problems) report(line, undefined, fault);
      continue;
    }
    const { source, problems } = problemsOf(value, flags);
    counts[source === null ? 'without' : 'graphs'] += 1;
    if (source !== null) counts.sources[source] = (counts.sources[source] ?? 0) + 1;
    for (const fault of problems) report(line, value.id, fault);
  }
  progress.end();
  if (flags.json) printJson({ summary: counts });
  else print(summarise(name, counts));
  if (counts.rows === 0) throw noRows(file);
  if (counts.errors.json === counts.rows) throw new UsageError(`${name} has no readable rows.`);
  if (Object.keys(counts.errors).length > 0) process.exitCode = 1;
}

type Tally = Record<string, number>;

const tally = (): Tally => ({});

/** Checks the scene graph of a row: its `scene_graph`, a model's `completion`, or the row itself. */
function problemsOf(
  row: Record<string, unknown>,
  { hints }: CheckFlags,
): { source: string | null; problems: Problem[] } {
  const written = row.scene_graph ?? row.completion;
  const path =
    row.scene_graph !== undefined ? 'scene_graph' : row.completion !== undefined ? 'completion' : '';
  if (written === undefined && typeof row.question === 'string') return { source: null, problems: [] };
  const { graph, source, repairs } = readGraph(written ?? row);
  const images = Array.isArray(row.images) ? (row.images as ImageRef[]) : [];
  const size = declaredSize(images[0]);
  const placed = (problem: Problem): Problem => ({
    ...problem,
    path: [path, problem.path].filter(Boolean).join('.') || 'the row',
  });
  if (!graph) {
    const message = 'The row has no scene graph.';
    return { source, problems: [{ severity: 'error', code: 'no-graph', message, ...(path && { path }) }] };
  }
  const { sample } = parseSample({ id: '-', ...row });
  return {
    source,
    problems: [
      ...[...repairs, ...checkGraph(graph, size, hints && { hints })].map(placed),
      ...(sample ? checkAsked(sample, graph, size) : []),
    ],
  };
}

function summarise(
  name: string,
  {
    rows,
    graphs,
    without,
    sources,
    errors,
    warnings,
  }: { rows: number; graphs: number; without: number } & Record<'sources' | 'errors' | 'warnings', Tally>,
): string {
  const list = (table: Tally) =>
    Object.entries(table)
      .map(([code, n]) => `${code} ${n}`)
      .join(', ');
  const lines = [
    `${name}: ${graphs} graphs in ${rows} rows${without > 0 ? `; rows without a graph: ${without}` : ''}.`,
  ];
  for (const [title, table] of Object.entries({ sources, errors, warnings }))
    if (Object.keys(table).length > 0) lines.push(`  ${title}: ${list(table)}`);
  return lines.join('\n');
}

export async function convert(
  file: string | undefined,
  { from, output }: OptionsOf<typeof addGraphConvertCommand>,
): Promise<void> {
  const name = inputName(file);
  let written = 0;
  let bad = 0;
  async function* rows(): AsyncGenerator<string> {
    for await (const { id, line, value, problem } of foreignGraphs(await openInput(file))) {
      const place = id ?? line;
      const report = (fault: Problem) => tell(formatProblem(name, place, fault));
      const reading = problem ?? tryConvert(value, from);
      if ('severity' in reading) {
        bad += 1;
        report(reading);
        continue;
      }
      reading.repairs.forEach(report);
      written += 1;
      yield JSON.stringify({ ...(id !== undefined && { id }), ...reading.graph });
    }
    await requireNothingLost(file, output, { bad, written });
  }
  await writeLines(output, rows());
  note(`Converted ${several(written, 'graph')}${bad > 0 ? `. Cannot read ${several(bad, 'graph')}` : ''}.`);
  if (bad > 0) process.exitCode = 1;
}

function tryConvert(...given: Parameters<typeof convertGraph>): ReturnType<typeof convertGraph> | Problem {
  try {
    return convertGraph(...given);
  } catch (error) {
    const fix = `Check that --from ${given[1]} is correct.`;
    return { severity: 'error', code: 'not-a-graph', message: (error as Error).message, fix };
  }
}
