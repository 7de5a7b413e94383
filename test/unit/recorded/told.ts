import { join, resolve } from 'node:path';
import { Service } from '../../../src/panels/service.host.ts';
import { neutralText } from './files.ts';
import { chirality } from './project.ts';

/** What is asked of the project in a terminal, by the file that holds what was printed. */
const COMMANDS: Record<string, string[]> = {
  'runs.txt': ['runs'],
  'pair.txt': ['trace', 'spatial', '--step', '4', '--pair', '1'],
  'pair-one-view.txt': ['trace', 'grpo', '--step', '1', '--pair', '0'],
  'pair-stages.txt': ['trace', 'stages', '--step', '2', '--pair', '0'],
  'pairs.txt': ['trace', 'spatial', '--where', 'reward < 0.5', '--sort', 'delta', '--descending'],
  'pairs-stages.jsonl': ['trace', 'stages', '--text', 'is', '--limit', '0', '--json'],
  'pairs-refill.txt': ['trace', 'refill', '--where', 'not kept', '--limit', '0'],
  'rows-evaluated.txt': ['trace', 'sft', '--eval', 'step-000050', '--sort', 'length'],
  'what-if-run.txt': ['trace', 'spatial', '--what-if', 'eta=2,scope=pair'],
  'what-if-stages.txt': ['trace', 'stages', '--what-if', 'accuracy=0.5,convention=dr-grpo'],
  'what-if-refill.json': ['trace', 'refill', '--what-if', 'mode=skip,min_std=0.2', '--json'],
  'what-if-pair.txt': ['trace', 'spatial', '--step', '4', '--pair', '1', '--what-if', 'eta=10'],
  'report.md': ['report', '--match', 'val=q-spatial'],
  'report.tex': ['report', 'spatial', '--checkpoints', 'all', '--format', 'latex'],
  'report.csv': ['report', 'sft', 'grpo', '--format', 'csv', '--table', 'consistency-0'],
  'compare.md': ['report', '--compare', 'sft', 'grpo'],
  'sweep.md': ['sweep', 'report', 'eta'],
  'sweep.csv': ['sweep', 'report', 'eta', '--format', 'csv', '--table', 'cells'],
  'sweep-status.json': ['sweep', 'status', 'eta', '--json'],
  'rewards.txt': ['rewards', 'check', 'spatial.run.yaml'],
  'stats.txt': ['data', 'stats', 'train/data.qa.jsonl', 'val/data.qa.jsonl'],
  'stats.jsonl': ['data', 'stats', 'questions.qa.jsonl', 'data/reviewed.qa.jsonl', '--json'],
  'check.jsonl': ['data', 'check', 'questions.qa.jsonl', 'data/composed.qa.jsonl', '--json'],
  'check-frozen.txt': ['data', 'check', 'data/val.frozen.json'],
  'audit.txt': ['data', 'audit', 'val/data.qa.jsonl', '--train', 'train/data.qa.jsonl'],
  'graphs.jsonl': ['graph', 'check', 'train/data.qa.jsonl', '--hints', '--json'],
  'metrics.txt': ['metrics', 'data/scored.jsonl'],
  'metrics.json': ['metrics', 'data/scored.jsonl', '--by', 'task', '--json'],
  'review.jsonl': [
    'review',
    'data/reviewed.qa.jsonl',
    '--json',
    '--where',
    'state = pending or status = discard',
  ],
  'review-pending.txt': ['review', 'data/flipped.qa.jsonl', '--view', 'polarity', '--where', 'route = llm'],
};

/** What is told of a pair wherever it comes from. */
const PAIR = [
  'step',
  'pair',
  'sample',
  'question',
  'answer',
  'views',
  'verdict',
  'accuracy',
  'graph',
  'truncated',
];

/** What an answer says of these things, not how it is made up next to them. */
const pick = (value: object, ...names: string[]): object =>
  Object.fromEntries(names.map((name) => [name, (value as Record<string, unknown>)[name]]));

/** What panels of the editor ask of the service, by the file that holds the answer. */
const PANELS: Record<string, (service: Service, folder: string) => Promise<unknown>> = {
  'panel-runs.json': (service, folder) => service.ask('runs', {}, [join(folder, 'runs')]),
  'panel-run.json': async (service, folder) => {
    const dir = join(folder, 'runs/spatial');
    const { run, facts, news } = await service.call('runOpen', { dir });
    const metrics = ['reward', 'reward_mirror', 'kl'];
    const query = { dir, x: 'step', metrics, range: null, columns: 100, smoothing: 0.5 } as const;
    const series = await service.call('runSeries', { run, query: { ...query, metrics } });
    const spread = await service.call('runSpread', { run, query: { dir, x: 'tokens', of: 'reward' } });
    await service.call('runClose', { run });
    const evaluations = news.evaluations.map(({ id, place, figures }) => ({
      id,
      place,
      figures: figures.filter(({ slice, metric }) => !slice && metric === 'accuracy'),
    }));
    return {
      config: facts.config.map((field) => pick(field, 'path', 'value', 'differs')),
      ...pick(news, 'state', 'rows', 'metrics', 'recent', 'start', 'end', 'events', 'traced'),
      ...pick(news, 'secondsPerStep', 'about'),
      evaluations,
      series,
      spread,
    };
  },
  'panel-pairs.json': async (service, folder) => {
    const run = join(folder, 'runs/spatial');
    const query = { filter: 'effect != none', text: '', sort: { field: 'reward_std', descending: true } };
    const { list, ...about } = await service.call('traces', { run, query });
    const rows = await service.call('traceRows', { run, list, from: 0, count: 100 });
    const figures = ['reward', 'reward_mirror', 'reward_std', 'accuracy', 'delta', 'length'];
    return {
      sources: await service.call('traceSources', { run }),
      about,
      rows: rows.map((row) => pick(row, ...PAIR, 'kept', 'why', 'penalised', 'effect', ...figures)),
    };
  },
  'panel-pair.json': async (service, folder) => {
    const run = join(folder, 'runs/stages');
    const { arrays } = await service.call('tracePair', { run, id: { step: 1, pair: 0 } });
    return arrays[0]!.slice(0, 2);
  },
  'panel-pair-evaluated.json': async (service, folder) => {
    const source = { run: join(folder, 'runs/sft'), source: 'step-000050' };
    const { summary, traced } = await service.call('tracePair', { ...source, id: { step: 50, pair: 1 } });
    const views = traced.views.map(({ view, group }) => ({
      view,
      group: group.map((completion) => pick(completion, 'segments', 'answer_text', 'right')),
    }));
    return { ...pick(summary, ...PAIR, 'set', 'task', 'format', 'error'), views };
  },
  'panel-what-if.json': (service, folder) =>
    service.call('whatIfRun', { run: join(folder, 'runs/spatial'), changes: { eta: 2 } }),
};

export const QUESTIONS: readonly string[] = [...Object.keys(COMMANDS), ...Object.keys(PANELS)];

/** What the program says of the project in a folder. */
export async function tell(question: string, folder: string): Promise<string> {
  const command = COMMANDS[question];
  if (command) return neutralText(await chirality(folder, ...command), folder);
  const service = new Service(resolve('dist/service.cjs'));
  try {
    const answer = await PANELS[question]!(service, folder);
    return neutralText(`${JSON.stringify(answer, plain, 1)}\n`, folder);
  } finally {
    await service.dispose();
  }
}

/** Typed arrays as lists. */
const plain = (_key: string, value: unknown): unknown =>
  ArrayBuffer.isView(value) ? Array.from(value as Float64Array) : value;
