import * as z from 'zod';
import { AgentError, errorText, MOST_CHARACTERS, plainValue, textOf, type Answer } from './agent-answer.ts';
import { checkConfig } from './check-config.ts';
import { compareRuns } from './compare-runs.ts';
import type { AgentContext, Caller } from './agent-context.ts';
import { findPairs } from './find-pairs.ts';
import { listRuns } from './list-runs.ts';
import { proposeRows } from './propose-rows.ts';
import { readData } from './read-data.ts';
import { readPair } from './read-pair.ts';
import { readRun } from './read-run.ts';
import { isGranted, TOOL_NAMES, TOOLS, type InputOf, type ToolName } from './agent-tools.ts';

type Handlers = { [Name in ToolName]: (input: InputOf<Name>, context: AgentContext) => Promise<Answer> };

const HANDLERS: Handlers = {
  list_runs: listRuns,
  read_run: readRun,
  find_pairs: findPairs,
  read_pair: readPair,
  compare_runs: compareRuns,
  read_data: readData,
  check_config: checkConfig,
  propose_rows: proposeRows,
};

/** How long a call may take. */
const MOST_MS = 20_000;

/** An answer for a client: a value of JSON, as text too; or what is wrong, in words. */
export type Told = (Answer & { text: string }) | { error: string };

/**
 * Calls a tool by its name with what a client sent.
 * @param context what may be read, and who asks
 */
export async function callTool(name: string, input: unknown, context: Caller): Promise<Told> {
  if (!TOOL_NAMES.includes(name as ToolName) || !isGranted(name as ToolName, context.allow))
    return { error: `There is no tool "${name.slice(0, 100)}".` };
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
        error: `The answer is too long (${text.length} characters): ask for less, by limit or fewer names.`,
      };
    return { ...answer, value, text };
  } catch (error) {
    if (late.aborted) return { error: lateText(reading.share) };
    return { error: errorText(error instanceof Error ? error : new Error(String(error)), context.roots) };
  }
}

/** A first reading of many files may take longer than a call: it goes on where it stopped. */
const lateText = (share: number | null): string =>
  share === null
    ? 'This took longer than 20 s: ask for less, by where, a step or a limit.'
    : `The pairs are read for the first time: ${Math.floor(100 * share)} % so far. Call again, it goes on from there.`;

/** What is wrong with an input, for the agent that sent it. */
function inputText({ issues }: z.ZodError): string {
  const lines = issues.slice(0, 4).map(({ path, message }) => `${path.join('.') || 'input'}: ${message}`);
  return errorText(new Error(lines.join('\n')), []);
}

/** Ends with the signal, also where the work itself does not look at it. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(new AgentError('It was cancelled.'));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
