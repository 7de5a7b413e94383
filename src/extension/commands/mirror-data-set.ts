import { duration, several, thousands } from '../../base/format.ts';
import { parseRecord } from '../../base/record.ts';
import { chooseTarget, nameOf } from '../../panels/host/data-files.host.ts';
import { askModelName, chooseKey } from '../../panels/host/endpoint-keys.host.ts';
import { languageModel } from '../../panels/host/language-model.host.ts';
import { chooseRows, dataFiles } from '../launch/new-data-set.ts';
import { ProgramError } from '../../panels/host/cli-program.host.ts';
import { offer, reportErrors, withProgress } from '../../panels/host/report-errors.host.ts';
import {
  ADD_ENDPOINT,
  type Endpoint,
  addEndpoint,
  listedEndpoints,
} from '../../panels/host/listed-endpoints.host.ts';
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import type { App } from '../app.ts';
import { commandFiles } from '../command-arguments.ts';

const SUFFIX = '.qa.jsonl';

/** Displayed fields of the summary of `chirality view mirror --json`. */
const summarySchema = z.object({ bad: z.int(), llm: z.optional(z.object({ unanswered: z.int() })) });
type Summary = z.infer<typeof summarySchema>;

/**
 * Adds the mirror of every row of a data file, by rules and, for deferred rows, by the rewriter that the user chooses.
 * After a stop, the next call continues the work, because answers are cached.
 */
export async function mirrorDataSet(app: App, ...args: unknown[]): Promise<void> {
  await reportErrors('Cannot mirror the dataset', async () => {
    const file = await chooseFile(app, args);
    if (!file) return;
    const choice = await chooseRewriter(app.secrets);
    if (!choice) return;
    const target = await chooseTarget(SUFFIX, {
      defaultUri: vscode.Uri.joinPath(
        file,
        '..',
        `${nameOf(file).slice(0, -SUFFIX.length)}.mirrored${SUFFIX}`,
      ),
      filters: { Rows: ['jsonl'] },
      title: 'Save Mirrored Rows',
    });
    if (!target) return;
    // Save unsaved changes from any editor first.
    await vscode.workspace.save(file);
    await mirror(app, file, target, choice);
  });
}

/** Returns a data file: from a command's arguments, from the Dataset panel in front, or picked by the user. */
async function chooseFile(app: App, args: unknown[]): Promise<vscode.Uri | undefined> {
  const named = [...commandFiles(args), app.panels.dataSets.front?.uri].find(
    (uri) => uri?.scheme === 'file' && uri.path.endsWith(SUFFIX),
  );
  if (named) return named;
  const picked = await chooseRows(app, { title: TITLE, placeHolder: 'Select a dataset' }, await dataFiles());
  return picked instanceof vscode.Uri ? picked : undefined;
}

async function mirror(app: App, file: vscode.Uri, target: vscode.Uri, choice: RewriterChoice): Promise<void> {
  const rows = await app.service.call('countRows', { path: file.fsPath }).then(
    (count) => count.rows,
    () => null,
  );
  const lines: string[] = [];
  try {
    const summary = await withProgress(`Mirroring ${nameOf(file)}`, ({ signal }, progress) =>
      run(app, { file, target, choice, signal, said: lines, onRows: reporter(progress, rows) }),
    );
    // The panel shows the result by row, so the message lists only the missing rows.
    await app.panels.dataSets.open({ uri: target.toString() });
    const missing = missingFrom(summary);
    if (missing !== '')
      void offer(vscode.window.showWarningMessage, `${nameOf(target)}: ${missing}.`, {
        'Show Log': () => app.showLog(lines.join('\n')),
      });
  } catch (error) {
    if (!(error instanceof ProgramError)) throw error;
    void offer(vscode.window.showErrorMessage, `Cannot mirror ${nameOf(file)}: ${error.message}`, {
      'Show Log': () => app.showLog(lines.join('\n')),
    });
  }
}

interface Job {
  file: vscode.Uri;
  target: vscode.Uri;
  choice: RewriterChoice;
  signal: AbortSignal;
  /** Messages of the program, except progress. */
  said: string[];
  onRows: (done: number) => void;
}

/** @throws like `Program.run`, unless the output has a summary, which means success with any exit code */
async function run({ program }: App, { file, target, choice, signal, said, onRows }: Job): Promise<Summary> {
  const onLine = (line: string) => {
    const done = /^row ([\d,]+)/.exec(line);
    if (done) onRows(Number(done[1]!.replaceAll(',', '')));
    else said.push(line);
    if (said.length > MOST_LINES) said.shift();
  };
  const work = program.run(['view', 'mirror', file.fsPath, '-o', target.fsPath, '--json', ...choice.args], {
    cwd: vscode.Uri.joinPath(file, '..').fsPath,
    env: choice.env,
    onLine,
    signal,
    ...(choice.model && { offers: languageModel(choice.model, WHY) }),
  });
  await work.catch((error: unknown) => {
    if (!(error instanceof ProgramError) || !said.at(-1)?.startsWith('{')) throw error;
  });
  return parseRecord(summarySchema, said.pop() ?? '', { file: 'Output of chirality view mirror' });
}

const MOST_LINES = 10_000;
const WHY = 'Chirality rewrites deferred rows of a dataset for the mirror image.';

/** Reports progress such as "120 of 400 rows, 5 s left", with a bar if the total is known. */
function reporter(progress: vscode.Progress<{ message: string; increment?: number }>, rows: number | null) {
  let percent = 0;
  const started = Date.now();
  return (done: number) => {
    const now = rows ? Math.floor((100 * done) / rows) : percent;
    const seconds = (Date.now() - started) / 1000;
    // In the first second, the rate is unreliable.
    const isTimed = rows !== null && done > 0 && seconds >= 1;
    const left = isTimed ? `, ${duration(Math.ceil((seconds * (rows - done)) / done))} left` : '';
    const message = `${thousands(done)}${rows ? ` of ${thousands(rows)}` : ''} rows${left}`;
    progress.report({ message, increment: now - percent });
    percent = now;
  };
}

/** Describes the results that the new file does not contain: "3 unusable rows excluded". */
const missingFrom = ({ bad, llm }: Summary): string =>
  [
    bad > 0 ? `${several(bad, 'unusable row')} excluded` : '',
    llm?.unanswered ? `${several(llm.unanswered, 'row')} without a rewrite by the language model` : '',
  ]
    .filter(Boolean)
    .join(', ');

/** Rewriter of deferred rows, as options of `chirality view mirror`. */
interface RewriterChoice {
  args: string[];
  /** Environment with the API key, if one is stored. */
  env: Record<string, string>;
  /** Model of VS Code that answers the program's requests, if the user chose one. */
  model?: vscode.LanguageModelChat;
}

const TITLE = 'Mirror Dataset';

/** Lets the user choose the rewriter of deferred rows, if a rewriter is available. @returns undefined if cancelled */
async function chooseRewriter(secrets: vscode.SecretStorage): Promise<RewriterChoice | undefined> {
  const [models, endpoints] = [await vscode.lm.selectChatModels(), listedEndpoints()];
  if (models.length + endpoints.length === 0) return { args: [], env: {} };
  const picked = await vscode.window.showQuickPick<vscode.QuickPickItem & { choose(): Choosing }>(
    [
      {
        label: '$(circle-slash) Continue Without Language Model',
        detail: 'Deferred rows wait for review.',
        choose: () => Promise.resolve({ args: [], env: {} }),
      },
      ...endpoints.map((endpoint) => ({
        label: `$(server) ${endpoint.name}`,
        description: endpoint.url,
        choose: () => askEndpoint(endpoint, secrets),
      })),
      ...models.map((model) => ({
        label: `$(sparkle) ${model.name}`,
        description: `${model.vendor} · VS Code language model`,
        choose: () => askModel(model),
      })),
      { label: ADD_ENDPOINT, choose: addEndpoint },
    ],
    {
      title: TITLE,
      placeHolder: 'Select a model to rewrite deferred rows',
      matchOnDescription: true,
      ignoreFocusOut: true,
    },
  );
  return picked?.choose();
}

type Choosing = Promise<RewriterChoice | undefined>;

/** Make the model's name part of the cache key, so that different models do not share cached answers. */
const askModel = (model: vscode.LanguageModelChat): Choosing =>
  withVerify({ args: ['--llm', 'host', '--llm-model', `${model.vendor}/${model.id}`], env: {}, model });

async function askEndpoint({ name, url }: Endpoint, secrets: vscode.SecretStorage): Choosing {
  const model = await askModelName(TITLE, name, 'Qwen/Qwen3-8B');
  if (!model) return undefined;
  const env = await chooseKey(TITLE, url, secrets);
  return env && withVerify({ args: ['--llm', url, '--llm-model', model], env });
}

/** Asks whether to send a second request per row. SVQA-R1 calls this request verification. */
async function withVerify(choice: RewriterChoice): Choosing {
  const verify = {
    label: 'Rewrite and Verify',
    detail: 'Two requests per row. The review shows both answers.',
  };
  const once = { label: 'Rewrite Only', detail: 'One request per row.' };
  const placeHolder = 'Select rewriting with or without verification';
  const picked = await vscode.window.showQuickPick([verify, once], {
    title: TITLE,
    placeHolder,
    ignoreFocusOut: true,
  });
  return picked && { ...choice, args: [...choice.args, ...(picked === verify ? ['--verify'] : [])] };
}
