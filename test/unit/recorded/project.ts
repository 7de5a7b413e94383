import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { join, resolve } from 'node:path';
import { urlToHttpOptions } from 'node:url';
import { vi } from 'vitest';
import { addEvalCommand } from '../../../src/cli/commands/eval.command.ts';
import { addMirrorCommand } from '../../../src/cli/commands/view-mirror.command.ts';
import { addPolarityCommand } from '../../../src/cli/commands/view-polarity.command.ts';
import { AnnotatedDocument, type Change } from '../../../src/panels/annotate/annotate-document.host.ts';
import { Service } from '../../../src/panels/service.host.ts';
import { runCommand } from '../../support/command.ts';
import { reply, ScriptedServer } from '../engines/openai/server.ts';
import { Uri } from '../extension/fake-vscode.ts';
import { chirality as run } from '../lab/recipes/cli.ts';
import { copyInputs } from './files.ts';
import { answerTo, MODEL } from './model.ts';
import { parseRows, rowLines } from '../../support/rows.ts';

/** Runs the built program in a folder. @returns what it printed. @throws where it does not end with exit code 0. */
export async function chirality(cwd: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(cwd, ...args);
  if (code !== 0) throw new Error(`chirality ${args.join(' ')}\n${stderr}`);
  return stdout;
}

/** Makes the project again in an empty folder: what was written by hand is copied, the program does the rest. */
export async function makeProject(folder: string): Promise<void> {
  await copyInputs(folder);
  const call = (...args: string[]) => chirality(folder, ...args);
  const train = (name: string) => call('train', `${name}.run.yaml`);
  const worlds = ['--style', 'compact', '--size', '16', '--no-world'];
  await call('worlds', '--count', '12', '-o', 'train', '--seed', 'train', ...worlds);
  await call('worlds', '--count', '6', '-o', 'val', '--seed', 'a', ...worlds);
  await writeStages(folder);
  // Two at a time: the second list begins with what needs no model.
  await Promise.all([
    inTurn(
      () => train('sft'),
      () => train('grpo'),
      () => train('spatial'),
      () =>
        call(
          ...['eval', 'sft', '--n', '3', '--temperature', '0.8', '--seed', '1'],
          ...['--set', 'val=val/data.qa.jsonl'],
        ),
      () => train('refill'),
      () => train('skip'),
    ),
    inTurn(
      () => makeData(folder, call),
      () => askEndpoint(folder),
      () => makeEdits(folder),
      () => train('sft-stages'),
      () => train('stages'),
    ),
  ]);
  await call('sweep', 'eta.sweep.yaml');
}

async function inTurn(...work: (() => Promise<unknown>)[]): Promise<void> {
  for (const one of work) await one();
}

/** What a model of two stages learns from: for every row a graph that names its objects, and the answer after it. */
async function writeStages(folder: string): Promise<void> {
  const rows = (await linesOf(join(folder, 'train/data.qa.jsonl'))).flatMap((line) => {
    const { id, question, answer, images, scene_graph } = JSON.parse(line) as {
      id: string;
      question: string;
      answer: string;
      images: object[];
      scene_graph: { objects: { label: string }[] };
    };
    const named = scene_graph.objects.filter(({ label }) => question.includes(label));
    const graph = JSON.stringify({ objects: named.map(({ label }) => ({ label })) });
    return [
      { id: `${id}-graph`, question: `draw : ${question}`, answer: graph, images, task: 'scenegraph' },
      { id: `${id}-answer`, question: `${graph} ${question}`, answer, images },
    ];
  });
  const text = rowLines(rows);
  await writeFile(join(folder, 'train/stages.qa.jsonl'), text);
}

/** Rewritten rows, decisions on them, composed and converted rows, scores. */
async function makeData(folder: string, run: (...args: string[]) => Promise<string>): Promise<void> {
  await mkdir(join(folder, 'data'));
  const at = (name: string) => join(folder, 'data', name);
  await run('view', 'mirror', 'val/data.qa.jsonl', '-o', 'data/val-mirrored.qa.jsonl');
  await run('graph', 'compose', 'train/data.qa.jsonl', '--count', '1', '-o', 'data/composed.qa.jsonl');
  await run('score', 'completions.jsonl', '-o', 'data/scored.jsonl');
  await run('data', 'freeze', 'val/data.qa.jsonl', '--release', '1.0', '-o', 'data/val.frozen.json');
  for (const name of ['cv-bench', 'spacellava', 'q-spatial']) {
    const table = resolve(`test/fixtures/datasets/${name}.parquet`);
    await run('convert', table, '-o', `data/${name}.qa.jsonl`, '--split-turns', '--shuffle-options', '1');
  }
  await run('convert', 'val/data.qa.jsonl', '-o', 'data/val.json');
  // Bytes of a table are the library's; what it holds is ours.
  await run('convert', 'val/data.qa.jsonl', '-o', 'data/val.parquet');
  await run('convert', 'data/val.parquet', '-o', 'data/val-from-table.qa.jsonl');
  await rm(at('val.parquet'));

  const questions = join(folder, 'questions.qa.jsonl');
  await withModel(async () => {
    const llm = ['--llm', MODEL, '--llm-model', 'mock', '--no-cache', '--concurrency', '1'];
    await runCommand(addMirrorCommand, 'mirror', questions, '-o', at('reviewed.qa.jsonl'), ...llm);
    await runCommand(addPolarityCommand, 'polarity', questions, '-o', at('flipped.qa.jsonl'), ...llm);
  });
  const review = (...args: string[]) => run('review', 'data/reviewed.qa.jsonl', '--by', 'mira', ...args);
  const rows = await linesOf(at('reviewed.qa.jsonl'));
  const ids = rows.map((line) => (JSON.parse(line) as { id: string }).id);
  const pending = parseRows<{ id?: string }>(await review('--where', 'state = pending', '--json')).flatMap(
    (row) => row.id ?? [],
  );
  await review('--accept', ids[0]!, pending[0]!, '--note', 'as in the image');
  await review('--discard', ids[1]!);
  await review('--edit', `${ids[2]!}={"question": "Is it on the left?", "answer": "No"}`);
  await run('review', 'data/flipped.qa.jsonl', '--by', 'mira', '--view', 'polarity', '--discard', ids[3]!);
}

/** Two stages, several completions, a judge and controls, by a model behind an endpoint. */
async function askEndpoint(folder: string): Promise<void> {
  await withModel(() =>
    runCommand(
      addEvalCommand,
      ...['eval', '--json', '--runs', join(folder, 'runs')],
      ...['--endpoint', MODEL, '--model', 'mock', '--no-cache'],
      ...['--set', `val=${join(folder, 'val/data.qa.jsonl')}`],
      ...['--strategy', 'scene-graph', '--n', '2', '--temperature', '0.7'],
      ...['--judge', MODEL, '--judge-model', 'judge', '--controls', 'blind'],
    ),
  );
}

/** Edits that were not saved, as the editor keeps them for the next start, and the file that they make. */
async function makeEdits(folder: string): Promise<void> {
  const at = (name: string) => join(folder, 'edits', name);
  await mkdir(at('.'));
  const rows = await linesOf(join(folder, 'data/reviewed.qa.jsonl'));
  await writeFile(at('before.qa.jsonl'), rows.slice(0, 12).join('\r\n')); // the last line has no end
  const service = new Service(resolve('dist/service.cjs'));
  try {
    const uri = Uri.file(at('before.qa.jsonl')) as never;
    const { document } = await AnnotatedDocument.open(uri, false, service, null);
    const steps: Change[] = [];
    document.onDidEdit((step) => steps.push(step));
    const idOf = (row: number) => (JSON.parse(rows[row]!) as { id: string }).id;
    const put = (row: number, path: string[], value: string, typing = false) =>
      document.change({ row, id: idOf(row), changes: [{ path, value }], label: '', typing });
    await put(1, ['answer'], 'N', true);
    await put(1, ['answer'], 'No', true);
    await put(4, ['question'], 'Is the “cup” left of the jug? 🫖');
    await put(5, ['variants', 'mirror', 'review', 'note'], 'undone and done again');
    await steps.at(-1)!.undo();
    await steps.at(-1)!.redo();
    await put(7, ['answer'], 'undone');
    await steps.at(-1)!.undo();
    await document.addCopy(2);
    await document.splice(9, 2, [], '');
    await document.splice(11, 0, ['{"id":"new","question":"","answer":""}'], '');
    await document.backup(at('backup.json'));
    await document.copy(at('after.qa.jsonl'));
  } finally {
    await service.dispose();
  }
}

/** While `work` runs in this process, requests to any address are answered by a model of this process. */
async function withModel(work: () => Promise<unknown>): Promise<void> {
  const server = await ScriptedServer.start((request, response) => reply(response, answerTo(request)));
  const { request } = http;
  const here = urlToHttpOptions(new URL(server.url));
  const redirected = vi
    .spyOn(http, 'request')
    .mockImplementation((options) => request({ ...(options as http.RequestOptions), ...here }));
  try {
    await work();
  } finally {
    redirected.mockRestore();
    await server.close();
  }
}

const linesOf = async (path: string): Promise<string[]> => (await readFile(path, 'utf8')).trim().split('\n');
