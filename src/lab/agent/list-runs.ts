import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isOpen, type Ends } from '../../core/metrics/metric.ts';
import { bothRight } from '../../core/metrics/view-gaps.ts';
import { meterOfResults } from '../../core/run-data/meter.ts';
import { readEvent } from '../runs/run-folder.ts';
import { newestEvaluation } from '../evaluation/evaluation-folders.ts';
import { byNumber } from '../files/folders.ts';
import { lastLines } from '../runs/tail.ts';
import { readImport } from '../runs/listed-runs.ts';
import { readState } from '../runs/state.ts';
import { readPlan } from '../sweeps/sweep-folder.ts';
import { cursorOf, cutText, fitting, keyIn, LISTED_TEXT, type Answer } from './agent-answer.ts';
import type { AgentContext } from './agent-context.ts';
import { findPlaces, nameBelow, type Place } from './places.ts';
import type { InputOf } from './agent-tools.ts';

/** Events in which alarms are looked for. */
const EVENTS = 200;
/** How many places to look at together. */
const AT_ONCE = 64;

export async function listRuns(
  { kind, status, match, limit, cursor }: InputOf<'list_runs'>,
  { roots, signal }: AgentContext,
): Promise<Answer> {
  const { all, notes } = await findPlaces(roots);
  const wanted = all.filter(
    (place) =>
      kind.includes(place.kind) && (!match || place.name.toLowerCase().includes(match.toLowerCase())),
  );
  const sorted = await newestFirst(roots, wanted, signal);
  const after = cursor === undefined ? null : keyIn(cursor);
  const items: Record<string, unknown>[] = [];
  const keys: [number, string][] = [];
  let isMore = false;
  for (const [place, time] of sorted) {
    const key: [number, string] = [time, nameBelow(roots, place.path)];
    if (after && !isAfter(key, after)) continue;
    if (items.length === limit) {
      isMore = true;
      break;
    }
    signal.throwIfAborted();
    const item = await describe(place).catch((error: Error) => ({
      status: 'unknown',
      message: cutText(error.message.replaceAll(place.path, place.name), LISTED_TEXT),
    }));
    if (item === null || (status && !status.some((asked) => asked === item.status))) continue;
    items.push({
      ...(kind.length > 1 && { kind: place.kind }),
      name: place.name,
      ...item,
    });
    keys.push(key);
  }
  const head = { total: wanted.length, ...(notes.length > 0 && { notes }) };
  const shown = fitting(head, items);
  const rest = isMore || shown.length < items.length;
  const next = rest && shown.length > 0 ? cursorOf(keys[shown.length - 1]!) : null;
  return { value: { ...head, items: shown, next } };
}

/** By time, then path. */
const isAfter = ([time, path]: [number, string], [lastTime, lastPath]: readonly (string | number)[]) =>
  time < Number(lastTime) || (time === Number(lastTime) && byNumber(path, String(lastPath)) > 0);

/** When each was last written: only those that are shown are read. */
async function newestFirst(
  roots: readonly string[],
  places: readonly Place[],
  signal: AbortSignal,
): Promise<[Place, number][]> {
  const timed: [Place, number][] = [];
  for (let i = 0; i < places.length; i += AT_ONCE) {
    signal.throwIfAborted();
    const some = places.slice(i, i + AT_ONCE);
    timed.push(
      ...(await Promise.all(
        some.map(async (place): Promise<[Place, number]> => [place, await writtenAt(place)]),
      )),
    );
  }
  return timed.sort(
    ([a, t], [b, u]) => u - t || byNumber(nameBelow(roots, a.path), nameBelow(roots, b.path)),
  );
}

async function writtenAt({ path, foreign }: Place): Promise<number> {
  if (foreign) return Date.parse(foreign.written);
  for (const file of [join(path, 'state.json'), path]) {
    const stats = await stat(file).catch(() => null);
    if (stats) return Math.round(stats.mtimeMs);
  }
  return 0;
}

/** What a list says of a place; null for a folder that is not a run. */
async function describe({ kind, path, foreign }: Place): Promise<Record<string, unknown> | null> {
  if (kind === 'config' || kind === 'data') return { bytes: (await stat(path)).size };
  if (kind === 'evaluation') return {};
  if (foreign) return { status: 'unknown', program: foreign.holds };
  const state = await readState(path);
  const about = state && {
    status: ['starting', 'stopping'].includes(state.status) ? 'running' : state.status,
    step: state.step,
    steps: state.steps,
    ...(state.message && { message: cutText(state.message, LISTED_TEXT) }),
  };
  if (kind === 'sweep') {
    const plan = await readPlan(path);
    return { status: about?.status ?? 'unknown', cells: plan?.cells.length, seeds: plan?.seeds.length };
  }
  if (!(await stat(join(path, 'run.yaml')).catch(() => null))) return null;
  const imported = state ? null : await readImport(path);
  const events = await lastLines(join(path, 'events.jsonl'), EVENTS, readEvent);
  const alarms = events.filter((event) => event.kind === 'alarm');
  const evaluation = await newestEvaluation(path);
  const meter = evaluation && meterOfResults(evaluation.results, evaluation.step, evaluation.id);
  return {
    ...(about ?? { status: 'unknown', ...(imported && { imported: true, step: imported.last_step }) }),
    ...(alarms.length > 0 && {
      alarms: alarms.slice(-2).map(({ step, message }) => ({ step, says: cutText(message, LISTED_TEXT) })),
    }),
    ...(meter && {
      evaluation: {
        step: evaluation.step,
        original: shareOf(meter.original),
        [meter.view]: shareOf(meter.other),
        both: shareOf(meter.both),
        n: bothRight(evaluation.results)?.n,
      },
    }),
  };
}

/** A share, or its bounds where answers are not judged. */
const shareOf = (ends: Ends) => (isOpen(ends) ? ends : ends[0]);
