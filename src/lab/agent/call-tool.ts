import * as z from 'zod';
import {
  AgentError,
  errorText,
  fitting,
  recordFor,
  MOST_CHARACTERS,
  plainValue,
  textOf,
  type Answer,
  LISTED_TEXT,
  TEXT,
} from './agent-answer.ts';
import { checkConfig } from './check-config.ts';
import { compareRuns } from './compare-runs.ts';
import type { AgentContext, Caller } from './agent-context.ts';
import { proposeRows } from './propose-rows.ts';
import { readData } from './read-data.ts';
import { readPair } from './read-pair.ts';
import { readRun } from './read-run.ts';
import { listPairs } from '../operations/pairs.ts';
import { listRuns } from '../operations/runs.ts';
import { cursorOf, type Operation } from '../operations/operation.ts';
import { findPlaces, placeOf, requireNoWayOut } from './places.ts';
import { isGranted, TOOL_NAMES, TOOLS, type InputOf, type ToolName } from './agent-tools.ts';

type Handlers = { [Name in ToolName]: (input: InputOf<Name>, context: AgentContext) => Promise<Answer> };

/** Default number of items in a list of an answer. */
const USUAL = 20;

/** Returns a tool that runs an operation and shortens the resulting record to fit into an answer. */
const asTool =
  <Input extends z.ZodObject, Output extends z.ZodObject>(operation: Operation<Input, Output>) =>
  async (input: object, { roots, signal, reading }: AgentContext): Promise<Answer> => {
    const record = await operation.run(operation.input.parse({ limit: USUAL, ...input }), {
      roots,
      signal,
      places: () => findPlaces(roots),
      find: (name, kinds) => placeOf(roots, name, kinds),
      guard: (place) => requireNoWayOut(roots, place),
      onProgress: (share) => void (reading.share = share),
    });
    return { value: cutToSize(operation, record) };
  };

/** Shortens a record's list to the items that fit. Omits details of items if not all items fit with details. */
function cutToSize<Output extends z.ZodObject>(
  { keys, output }: Operation<z.ZodObject, Output>,
  record: z.output<Output>,
): Record<string, unknown> {
  const name = Object.keys(keys).find((list) => Array.isArray(record[list]))!;
  const items = record[name] as readonly unknown[];
  const head = recordFor(output.omit({ [name]: true, next: true } as never), record, TEXT) as object;
  const told = (isBrief: boolean) =>
    fitting(
      head,
      items.map((item) => recordFor(output.shape[name].unwrap().element, item, LISTED_TEXT, isBrief)),
    );
  const whole = told(false);
  const shown = whole.length < items.length ? told(true) : whole;
  const key = keys[name] as (item: unknown) => readonly (string | number)[];
  const next = shown.length < items.length ? cursorOf(key(items[shown.length - 1])) : record.next;
  return { ...head, [name]: shown, next };
}

const HANDLERS: Handlers = {
  list_runs: asTool(listRuns),
  read_run: readRun,
  find_pairs: asTool(listPairs),
  read_pair: readPair,
  compare_runs: compareRuns,
  read_data: readData,
  check_config: checkConfig,
  propose_rows: proposeRows,
};

/** Maximum duration of a tool call, in ms. */
const MOST_MS = 20_000;

/** Answer to a client as a JSON value and as text, or an error message. */
export type Told = (Answer & { text: string }) | { error: string };

/** Calls a tool by name with a client's input. @param context readable folders, and the client */
export async function callTool(name: string, input: unknown, context: Caller): Promise<Told> {
  if (!TOOL_NAMES.includes(name as ToolName) || !isGranted(name as ToolName, context.allow))
    return { error: `Tool "${name.slice(0, 100)}" does not exist.` };
  const tool = name as ToolName;
  const checked = TOOLS[tool].input.safeParse(input ?? {});
  if (!checked.success) return { error: inputText(checked.error) };
  const late = AbortSignal.timeout(MOST_MS);
  const reading: AgentContext['reading'] = { share: null };
  try {
    const signal = AbortSignal.any([context.signal, late]);
    const handler = HANDLERS[tool] as (input: unknown, context: AgentContext) => Promise<Answer>;
    const answer = await untilAborted(handler(checked.data, { ...context, signal, reading }), signal);
    const value = plainValue(answer.value, context.roots) as Record<string, unknown>;
    const text = textOf(value);
    if (text.length > MOST_CHARACTERS)
      return {
        error: `The answer is too long (${text.length} characters). Lower limit or request fewer names.`,
      };
    return { ...answer, value, text };
  } catch (error) {
    if (late.aborted) return { error: lateText(reading.share) };
    return { error: errorText(error instanceof Error ? error : new Error(String(error)), context.roots) };
  }
}

/** Returns the message after a timeout. Indexing many files can take longer than one call. */
const lateText = (share: number | null): string =>
  share === null
    ? 'The call took longer than 20 s. Request less data: pass where, step or limit.'
    : `Indexing pairs: ${Math.floor(100 * share)}% done. Call again to continue.`;

function inputText({ issues }: z.ZodError): string {
  const lines = issues.slice(0, 4).map(({ path, message }) => `${path.join('.') || 'input'}: ${message}`);
  return errorText(new Error(lines.join('\n')), []);
}

/** Rejects when the signal aborts, even if the work does not check the signal. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(new AgentError('The call was cancelled.'));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
