import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { ChatRequest } from '../../../src/base/chat.ts';
import { parseRows, readRows, rowLines } from '../../support/rows.ts';
import { reply, ScriptedServer, textOf } from '../engines/openai/server.ts';
import { chirality, GRPO, trained } from '../lab/recipes/cli.ts';

/** What a trial printed, and what the paper's formula gives: computed in the trial, never by code of src. */
export type Outcome = readonly [printed: unknown, right: unknown];

/** A row of the page of items that were tried. */
export interface Trial {
  /** Items of docs/papers.md, separated by spaces: `A-1 A-2`. */
  items: string;
  run: (at: Workbench) => Promise<Outcome>;
}

export const trial = (items: string, run: Trial['run']): Trial => ({ items, run });

/** A folder, a scripted model and the program. It writes down the commands. */
export class Workbench {
  /** The commands since the last trial. */
  commands: string[] = [];
  /** The requests since the last trial. */
  requests: ChatRequest[] = [];
  /** What the model answers to the texts of a request. */
  answer: (text: string) => string = () => '(A)';

  private constructor(
    readonly folder: string,
    private readonly encoder: string,
    private readonly server: ScriptedServer,
  ) {}

  static async start(folder: string, encoder: string): Promise<Workbench> {
    const server = await ScriptedServer.start((body, response) => {
      bench.requests.push(body);
      reply(response, bench.answer(textOf(body)));
    });
    const bench = new Workbench(folder, encoder, server);
    return bench;
  }

  close(): Promise<void> {
    return this.server.close();
  }

  /** Runs a command. `$MODEL` is the scripted model. @returns what it printed @throws if it fails */
  async run(line: string): Promise<string> {
    const { code, stdout, stderr } = await this.attempt(line);
    if (code !== 0) throw new Error(`chirality ${line}\n${stdout}${stderr}`);
    return stdout;
  }

  /** Runs a command that may fail. */
  attempt(line: string) {
    this.commands.push(line);
    const words = line.match(/"[^"]*"|\S+/g)!.map((word) => word.replaceAll('"', ''));
    return chirality(
      this.folder,
      ...words.flatMap((word) =>
        word === '$MODEL'
          ? ['--endpoint', this.server.url, '--model', 'm', '--no-cache']
          : [word.replace('$URL', this.server.url).replace('$MINILM', this.encoder)],
      ),
    );
  }

  async json<T = never>(line: string): Promise<T> {
    return JSON.parse(await this.run(line)) as T;
  }

  /** The objects of a command that prints one a line. */
  async lines<T = never>(line: string): Promise<T[]> {
    return parseRows<T>(await this.run(line));
  }

  /** Trains `name.run.yaml` of this config. */
  async train(name: string, config: object): Promise<void> {
    this.write(`${name}.run.yaml`, stringify(config));
    this.commands.push(`train ${name}.run.yaml`);
    await trained(this.folder, name);
  }

  write(name: string, text: string): void {
    mkdirSync(dirname(join(this.folder, name)), { recursive: true });
    writeFileSync(join(this.folder, name), text);
  }

  rows(name: string, rows: readonly object[]): void {
    this.write(name, rowLines(rows));
  }

  readRows<T>(name: string): T[] {
    return readRows<T>(join(this.folder, name));
  }

  parsed<T>(name: string): T {
    return JSON.parse(this.read(name)) as T;
  }

  read(name: string): string {
    return readFileSync(join(this.folder, name), 'utf8');
  }
}

/** The claims of docs/papers.md, by item. */
export const claims = (page: string): Map<string, string> =>
  new Map(
    [...page.matchAll(/^\| ([AB]-\d+) +\| ((?:\\\||[^|])*?) *\|/gm)].map(([, item, claim]) => [
      item!,
      claim!,
    ]),
  );

const cell = (text: string): string => text.replaceAll(/(?<!\\)\|/g, '\\|').replaceAll('\n', ' ');

/** A page's row: the claim of each item, the commands and the result. */
export const pageRow = (
  items: string,
  claim: string,
  commands: readonly string[],
  printed: unknown,
): string =>
  `| ${items.replaceAll(' ', ', ')} | ${cell(claim)} | ${[...new Set(commands)].map((line) => `\`${cell(line)}\``).join('<br>')} | ${cell(
    typeof printed === 'string' ? printed : JSON.stringify(printed),
  )} |`;

export interface Metric {
  group: string;
  task: string;
  metric: string;
  value: number;
  n: number;
}

export const percent = (share: number): string => `${(100 * share).toFixed(2)}%`;

/** A value of `metrics --json`, of all rows. */
export async function metric(at: Workbench, line: string, name: string, task = 'mcq'): Promise<number> {
  const { metrics } = await at.json<{ metrics: Metric[] }>(line);
  const found = metrics.filter((row) => row.metric === name && row.task === task && row.group === '');
  if (found.length !== 1) throw new Error(`${found.length} of ${name}: ${JSON.stringify(metrics)}`);
  return found[0]!.value;
}

/** Scores the rows with all rewards. @returns the value of a part for each row */
export async function paid(
  at: Workbench,
  name: string,
  part: string,
  rows: readonly object[],
): Promise<string> {
  at.rows(`${name}.jsonl`, rows);
  await at.run(`score ${name}.jsonl --rewards -o ${name}-scored.jsonl`);
  return at
    .readRows<{ rewards: Record<string, { value: number }> }>(`${name}-scored.jsonl`)
    .map(({ rewards }) => rewards[part]!.value)
    .join(', ');
}

export interface Trace {
  views: {
    view: string;
    group: {
      reward: number;
      penalty: number;
      advantage: number;
      right: boolean;
      rewards: Record<string, { value: number }>;
    }[];
  }[];
  delta: number;
  kept: boolean;
  penalised: string | null;
}

/** Every traced pair of a run. */
export const pairs = (at: Workbench, run: string): Trace[] =>
  readdirSync(join(at.folder, 'runs', run, 'traces'))
    .filter((name) => name.endsWith('.jsonl'))
    .flatMap((name) => at.readRows<Trace>(`runs/${run}/traces/${name}`));

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** The conditions of a built-in sweep. */
export async function conditions(at: Workbench, recipe: string): Promise<string> {
  const { cells, vary, at_steps, seeds } = parse(await at.run(`sweep --recipe ${recipe} --print`)) as {
    cells?: Record<string, unknown>;
    vary?: Record<string, unknown[]>;
    at_steps?: number[];
    seeds?: number[];
  };
  const varied = Object.entries({ ...vary, ...(at_steps && { steps: at_steps }) });
  const texts = varied.map(([field, values]) => `${field} ${values.join(', ')}`);
  const runs = seeds ? ` × ${seeds.length} seeds` : '';
  return [...Object.keys(cells ?? {}), ...texts].join(', ') + runs;
}

/** The tiny GRPO run of four steps. */
export const grpo = (more: object = {}) => ({ ...GRPO, steps: 4, ...more });

/** Items that no machine without weights can try, and items that are not implemented. */
export const UNTRIED: Readonly<Record<string, string>> = {
  'A-34':
    'Not tried: needs the weights of these models. Small models of the same classes train in the tests of the worker.',
  'A-62':
    'Not tried: needs the weights of other models. Small models of each class train in the tests of the worker.',
  'A-65': 'Not implemented.',
};

/** The text of docs/papers-tried.md. */
export const triedPage = (
  tried: number,
  all: number,
  rows: readonly string[],
  untried: readonly string[],
): string => `# The items of both papers, tried

Does each item of the two papers work? A test runs the commands of this page, computes each result again from the paper's formula, and requires that both are equal. It tries ${tried} of the ${all} items of [the papers' page](papers.md). The test also writes this page.

Repeat it in a clone with \`CHIRALITY_SLOW=1 npx vitest run --project unit test/unit/papers\`. It takes about a minute.

In the commands, \`$MODEL\` and \`$URL\` are a server with scripted answers, and \`$MINILM\` is a folder with the encoder. The runs \`sft\`, \`grpo\` and others are models of 17,000 parameters on 24 rows of 32 × 32 pixels, so their results are no evidence about the methods. For a strategy, the result lists the calls: the roles of the messages (s = system, u = user, a = assistant) and the number of images.

| items | the paper | commands | result |
| --- | --- | --- | --- |
${[...rows, ...untried].join('\n')}
`;
