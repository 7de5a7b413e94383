import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callTogether } from '../lab/recipes/cli.ts';
import { openProject } from '../recorded/files.ts';
import { isSlow, slowly } from '../../support/slow.ts';

const CLI = resolve('dist/cli.js');

/** A title, a cleared screen, red letters by a C1 control, marks that reorder what follows, and a moved cursor. */
const EVIL = '\x1b]0;owned\x07\x1b[2J\u009b31m\u202e\u2066\u200f\r\b\x7f';
/** What a terminal obeys, or a reader cannot see. */
// eslint-disable-next-line no-control-regex
const OBEYED = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f]/;
const SPELLED_OUT = /\\e\]0;owned|\\u001b]0;owned|\\\\e\]0;owned/;

/** Texts that any value will do for. In the others, the marks make a row or a folder one that cannot be read. */
const FREE =
  /^(?:id|question|answer|choices|reasoning|reason|message|raw|text|completion|error|sample|label|name|note|by|about|category|task|prompt|answer_text|why|host|phase|set|model)$/;

type Marked = (key: string) => boolean;

function marked(value: unknown, which: Marked, key = ''): unknown {
  if (typeof value === 'string') return which(key) ? `${value}${EVIL}` : value;
  if (Array.isArray(value)) return value.map((each) => marked(each, which, key));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, marked(each, which, name)]));
}

/** The recorded project with marks in every file of rows, runs, sweeps and evaluations; weights stay as they are. */
async function spoil(folder: string, which: Marked): Promise<void> {
  const names = (await readdir(folder, { recursive: true })).map(String);
  for (const name of names.filter((each) => /\.jsonl?$/.test(each) && !/checkpoints|plan\.json/.test(each))) {
    const path = join(folder, name);
    const text = await readFile(path, 'utf8');
    const one = (json: string) =>
      json.trim() === '' ? json : JSON.stringify(marked(JSON.parse(json), which));
    await writeFile(path, name.endsWith('l') ? text.split('\n').map(one).join('\n') : one(text));
  }
}

interface Printed {
  text: string;
  code: number | null;
}

function chirality(cwd: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Printed> {
  return new Promise((done) => {
    const options = { cwd, env: { ...process.env, ...env }, maxBuffer: 1 << 26, timeout: 100_000 };
    const child = execFile(process.execPath, [CLI, ...args], options, (_, stdout, stderr) =>
      done({ text: stdout + stderr, code: child.exitCode }),
    );
    child.stdin!.end();
  });
}

const R = 'data/reviewed.qa.jsonl';
/** A file and a folder of the project, by names with marks. */
const ROWS = `rows${EVIL}.qa.jsonl`;
const RUN = `run${EVIL}`;
/** A run of another trainer. */
const THEIRS = `theirs${EVIL}`;
const STRATEGY = `way${EVIL}.strategy.yaml`;
/** One that can be read, with a mark in a comment. */
const SHOWN = 'shown.strategy.yaml';
const CONFIG = `config${EVIL}.run.yaml`;

/** Every command that there is, in the forms that print different things. */
const CALLS: readonly (readonly string[])[] = [
  ['worlds', '--count', '1', '--style', 'compact', '--size', '16', '-o', `worlds${EVIL}`],
  [
    'worlds',
    '--count',
    '1',
    '--style',
    'compact',
    '--size',
    '16',
    '--json',
    '--seed',
    `s${EVIL}`,
    '-o',
    `w2${EVIL}`,
  ],
  ['worlds', '--count', '1', '--motion', '--style', 'compact', '--seed', `s${EVIL}`, '-o', `clips${EVIL}`],
  ['worlds', '--count', '1', '--motion', '--families', EVIL, '-o', 'clips2'],
  ['convert', ROWS],
  ['convert', 'data/spacellava.qa.jsonl', '--to', 'llava'],
  ['convert', R, '--from', EVIL],
  ['convert', 'data/labels.json'],
  ['convert', 'data/labels.xml'],
  ['convert', 'train/data.qa.jsonl', '--to', 'label-studio', '-o', `labels${EVIL}.json`],
  ['data', 'check', ROWS],
  ['data', 'check', ROWS, '--json'],
  ['data', 'check', ROWS, '--images', '-o', '-'],
  ['data', 'check', 'data/val.frozen.json'],
  ['data', 'check', 'data/val.frozen.json', '--json'],
  ['data', 'freeze', ROWS, '--release', `1${EVIL}`, '--json'],
  ['data', 'frames', ROWS, '-o', `frames${EVIL}`, '--json'],
  ['data', 'stats', ROWS],
  ['data', 'stats', ROWS, '--json'],
  ['data', 'audit', ROWS],
  ['data', 'audit', ROWS, '--json'],
  ['view', 'mirror', ROWS, '--explain'],
  ['view', 'mirror', R, '--data-root', EVIL],
  ['import', 'skeleton', 'data'],
  ['import', 'skeleton', 'data', '--json'],
  ['benchmark', 'task', ROWS, '--to', 'inspect', '-o', `t${EVIL}`],
  ['benchmark', 'task', ROWS, '--to', 'lmms-eval', '--json', '-o', `l${EVIL}`],
  ['view', 'polarity', ROWS, '--explain'],
  ['view', 'polarity', R, '--prompt', EVIL, '--llm', 'http://localhost:1/v1', '--llm-model', EVIL],
  ['view', 'add', ROWS, '--view', 'rotate:180', '--explain'],
  ['view', 'add', ROWS, '--view', 'converse', '--json', '-o', `v${EVIL}`],
  ['view', 'add', R, '--view', EVIL],
  ['graph', 'compose', 'val/data.qa.jsonl'],
  ['graph', 'compose', R, '--kinds', EVIL],
  ['review', ROWS, '--where', ''],
  ['review', ROWS, '--where', '', '--json'],
  ['review', ROWS, '--accept', EVIL],
  ['review', 'merge', ROWS, R, '-o', `data/merged${EVIL}`],
  ['review', 'merge', ROWS, R, '-o', `data/merged2${EVIL}`, '--json'],
  ['graph', 'check', 'train/data.qa.jsonl', '--hints'],
  ['graph', 'check', 'train/data.qa.jsonl', '--json', '--hints'],
  ['graph', 'convert', 'train/data.qa.jsonl', '--from', EVIL],
  ['graph', 'convert', ROWS, '--from', 'clevr'],
  ['demo', '--seed', EVIL],
  ['train', CONFIG],
  ['train', CONFIG, '--dry-run', '--json'],
  ['runs'],
  ['runs', '--json'],
  ['runs', RUN],
  ['runs', RUN, '--json'],
  ['skills'],
  ['mcp', EVIL],
  ['mcp', '.', '--allow', EVIL],
  ['attach', RUN],
  ['stop', RUN],
  ['stop', RUN, '--json'],
  ['resume', RUN],
  ['fork', RUN, '--step', '1', '--set', `coupling.${EVIL}=1`],
  ['fork', RUN, '--step', '1', '--set', `optimizer.learning_rate=${EVIL}`],
  ['fork', RUN, '--step', '1', '--name', `/${EVIL}`],
  ['sweep', EVIL],
  ['sweep', '--recipe', EVIL],
  ['sweep', 'recipes', `--${EVIL}`],
  ['sweep', 'status', 'eta'],
  ['sweep', 'status', 'eta', '--json'],
  ['sweep', 'stop', EVIL],
  ['sweep', 'report', 'eta', '--format', 'json'],
  ['export', RUN, '-o', `${EVIL}/x`],
  ['trace', RUN],
  ['trace', RUN, '--json'],
  ['trace', RUN, '--limit', '3'],
  ['trace', RUN, '--limit', '3', '--json'],
  ['trace', RUN, '--where', `reward < 1 and ${EVIL}`],
  ['trace', RUN, '--what-if', `eta${EVIL}=2`],
  ['verify', RUN],
  ['verify', RUN, '--json'],
  ['trace', THEIRS],
  ['trace', THEIRS, '--json'],
  ['import', THEIRS, '--dry-run'],
  ['import', THEIRS, '--dry-run', '--json'],
  ['import', THEIRS, '-o', `runs/imported${EVIL}`, '--right', EVIL],
  ['presets', EVIL],
  ['rewards', 'check', CONFIG],
  ['rewards', 'programs', CONFIG],
  ['engine', 'setup', EVIL],
  ['engine', 'doctor'],
  ['engine', 'doctor', '--json'],
  ['engine', 'prove', '--device', EVIL],
  ['engine', 'tiny', EVIL, '-o', EVIL],
  ['engine', 'join', CONFIG, '--node', '1'],
  ['acuity', RUN, '--axis', EVIL],
  ['acuity', RUN, '--map', EVIL],
  ['acuity', RUN, '--axis', 'side', '--blocks', '1', '--levels', '32', '-o', `acuity${EVIL}`],
  ['acuity', '--axis', 'side', '--style', 'compact', '--blocks', '1', '--levels', '32', '--answers', ROWS],
  ['ask', 'val/images/000001.png', `Is the cup${EVIL} left of it?`, '--model', EVIL, '--mirror'],
  ['ask', 'val/images/000001.png', 'Is it left?', '--model', EVIL, '--json'],
  ['benchmark', 'consistency', '--model', EVIL, '--set', ROWS, '--name', EVIL],
  ['benchmark', 'motion', '--model', EVIL, '--set', ROWS, '--name', EVIL],
  ['inspect', 'seen', ROWS, '--sees', EVIL],
  ['inspect', 'seen', ROWS, '--sees', 'clip', '--row', EVIL],
  ['inspect', 'row', RUN, '--set', ROWS, '--row', EVIL],
  ['inspect', 'row', RUN, '--set', EVIL, '--row', EVIL, '--query', EVIL],
  ['inspect', 'attention', RUN, '--set', ROWS, '--limit', '1'],
  ['inspect', 'probe', RUN, '--set', ROWS, '--limit', '1'],
  ['inspect', 'patch', RUN, '--set', ROWS, '--limit', '1'],
  ['inspect', 'attention', EVIL, '--set', EVIL, '--hide', EVIL],
  ['eval', RUN, '--set', `val${EVIL}=${ROWS}`, '--limit', '1'],
  ['eval', RUN, '--strategy', STRATEGY],
  ['eval', 'audit', RUN, '--list'],
  ['eval', 'audit', `evals/${EVIL}`],
  ['eval', 'rescore', `evals/${EVIL}`],
  ['eval', '--endpoint', 'http://localhost:1/v1', '--model', EVIL, '--set', `val=${EVIL}`],
  ['suspects', RUN, '--min', '0'],
  ['suspects', EVIL, '--json'],
  ['report', '--format', 'json'],
  ['report', EVIL],
  ['publish', RUN, '-o', `site${EVIL}`],
  ['publish', EVIL, '-o', EVIL],
  ['serve', EVIL],
  ['strategies', `--${EVIL}`],
  ['strategies', 'show', STRATEGY, '--json'],
  ['strategies', 'show', 'direct', '--row', `${ROWS}:1`],
  ['strategies', 'show', 'direct', '--row', `${ROWS}:1`, '--json'],
  ['score', 'completions.jsonl'],
  ['score', 'completions.jsonl', '--json'],
  ['metrics', 'data/scored.jsonl', '--by', 'id'],
  ['metrics', 'data/scored.jsonl', '--by', 'id', '--json'],
  ['completion', EVIL],
  ['work', EVIL],
  ['serve-model', `--${EVIL}`],
  ['self-test', `--${EVIL}`],
];

/** Texts in formats of their own: as they are for a program, visible on a terminal. */
const DOCUMENTS: readonly (readonly string[])[] = [
  ['report', '--title', EVIL],
  ['report', '--title', EVIL, '--format', 'latex'],
  ['report', '--title', EVIL, '--format', 'html'],
  ['report', '--format', 'csv', '--table', 'accuracy-0'],
  ['sweep', 'report', 'eta'],
  ['strategies', 'show', SHOWN],
];

const ON_A_TERMINAL = `--import=data:text/javascript,${encodeURIComponent('process.stdout.isTTY = true;')}`;

// Windows knows no such names.
describe.skipIf(process.platform === 'win32')('untrusted texts on a terminal', () => {
  const folders: Record<string, string> = {};
  const env = { CHIRALITY_PYTHON: `/nowhere/${EVIL}` };

  async function project(which: Marked): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'hostile-'));
    await openProject(folder);
    await cp('test/fixtures/foreign-runs/ms-swift-4.6/v0-20261121-020121', join(folder, THEIRS), {
      recursive: true,
    });
    await spoil(folder, which);
    await cp(join(folder, R), join(folder, ROWS));
    await rename(join(folder, 'runs/spatial'), join(folder, 'runs', RUN));
    await writeFile(join(folder, CONFIG), `preset: "no\\e[2Jsuch"\n"k\\u009b\\u202e": 1\n`);
    await writeFile(join(folder, STRATEGY), `about: "a\\e]0;owned\\a"\nstages:\n  - name: a # ${'\u202e'}\n`);
    const shown = `about: Ask as it stands, without examples or a graph, in a single stage of its own.\nstages:\n  a: # ${'\u202e'}\n    user: question\n`;
    await writeFile(join(folder, SHOWN), shown);
    const task = { data: { image: EVIL }, annotations: [{ result: [{ type: EVIL }] }] };
    await writeFile(join(folder, 'data/labels.json'), JSON.stringify([task]));
    await writeFile(
      join(folder, 'data/labels.xml'),
      '<annotations><image name="a"><\u202e/></image></annotations>',
    );
    return folder;
  }
  beforeAll(async () => {
    folders.texts = await project((key) => FREE.test(key));
    if (isSlow) folders.everything = await project(() => true);
  });
  afterAll(async () => {
    for (const folder of Object.values(folders)) await rm(folder, { recursive: true, force: true });
  });

  it('the table of untrusted texts covers every command', async () => {
    const { text } = await chirality('.', ['completion', 'bash']);
    const leaves = [...text.matchAll(/^ *'([a-z -]+)'\) place=/gm)].map(([, name]) => name!);
    const called = CALLS.map(([command, sub]) => [command!, `${command} ${sub}`]).flat();
    expect(leaves.length).toBeGreaterThan(30);
    expect(leaves.filter((leaf) => !called.includes(leaf) && !/help$/.test(leaf))).toEqual([]);
  });

  for (const which of isSlow ? ['everything'] : ['texts'])
    it(`hidden characters are escaped in ${which}`, async () => {
      const wrong: string[] = [];
      let spelledOut = 0;
      const calls = CALLS.filter((_, i) => isSlow || i % 4 === 0);
      for (const args of calls) {
        const { stdout, stderr } = await callTogether(folders[which]!, args, env);
        const text = stdout + stderr;
        const shown = JSON.stringify(args.join(' ')).replaceAll(JSON.stringify(EVIL).slice(1, -1), 'EVIL');
        const at = text.search(OBEYED);
        if (at >= 0) wrong.push(`${shown}: ${JSON.stringify(text.slice(Math.max(0, at - 60), at + 20))}`);
        if (SPELLED_OUT.test(text)) spelledOut += 1;
      }
      expect(wrong).toEqual([]);
      // The others have nothing of it to print, such as a file that cannot be read.
      expect(spelledOut).toBeGreaterThan(0.7 * calls.length);
    }, 300_000);

  slowly('untrusted texts stay unchanged in documents for pipes, and are escaped on a terminal', async () => {
    let hidden = 0;
    for (const args of DOCUMENTS) {
      const piped = await chirality(folders.texts!, args);
      const shown = await chirality(folders.texts!, args, { NODE_OPTIONS: ON_A_TERMINAL });
      expect(shown.text.length, args.join(' ')).toBeGreaterThan(100);
      if (OBEYED.test(piped.text)) hidden += 1;
      expect(OBEYED.test(shown.text), args.join(' ')).toBe(false);
    }
    // Reports drop most marks themselves; files of strategies are printed as they are.
    expect(hidden).toBeGreaterThan(0);
  });

  it('row files contain the original bytes of untrusted texts', async () => {
    await chirality(folders.texts!, ['convert', ROWS, '-o', 'same.qa.jsonl']);
    const [first] = (await readFile(join(folders.texts!, 'same.qa.jsonl'), 'utf8')).split('\n');
    expect((JSON.parse(first!) as { id: string }).id.endsWith(EVIL)).toBe(true);
    expect(first).toContain('\u202e');
  });
});
