import { stringify } from 'yaml';
import { adapterOf } from '../../core/config/engine-config.ts';
import type { GrpoConfig, RunConfig } from '../../core/config/run-config.ts';
import { percents, percentText } from '../../base/format.ts';
import type { EvaluationResult } from '../../core/evaluation/results.ts';
import { hasOtherPartners, partnersOf } from '../../core/rewards/draws.ts';
import type { ViewId } from '../../rows/view-list.ts';

/** Model from which training started. */
export interface BaseModel {
  /** Hugging Face Hub id, or the folder's name without paths of this machine. */
  name: string;
  onHub: boolean;
  /** Licence fields of the base model's own model card. Null without a card. */
  licence: Record<string, string> | null;
}

interface Exported {
  run: string;
  step: number;
  /** Whether the export is an adapter for the base model, not the whole model. */
  isAdapter: boolean;
  /** Base model. Null for a model that was trained from random weights. */
  base: BaseModel | null;
  /** Results of the evaluation at this step. Empty without an evaluation. */
  results: readonly EvaluationResult[];
}

/** Displayed names of the metrics in a card: a metric of all rows, and a metric of pairs. */
const SHOWN: Readonly<Record<string, string>> = { accuracy: 'accuracy', consistent: 'pair accuracy' };

/**
 * Returns the model card (README.md) of exported weights: fields for the Hugging Face Hub, origin, training and
 * results. The card contains no path of this machine.
 */
export function modelCard(config: RunConfig, exported: Exported): string {
  const { run, step, isAdapter, base } = exported;
  const isPeft = isAdapter && base !== null;
  const about = {
    ...(base?.onHub && { base_model: base.name, base_model_relation: isAdapter ? 'adapter' : 'finetune' }),
    ...licenceOf(base),
    ...(base && { library_name: isPeft ? 'peft' : 'transformers', pipeline_tag: 'image-text-to-text' }),
    tags: ['chirality', config.recipe, ...(isAdapter ? ['lora'] : [])],
  };
  const start = config.init === undefined ? 'random weights' : 'a checkpoint of another run';
  const from = base === null ? start : linked(base);
  return [
    '---',
    stringify(about).trim(),
    '---',
    '',
    `# ${run}, step ${step}`,
    '',
    `${isAdapter ? 'An adapter' : 'A model'} trained from ${from} with Chirality in ${step} steps of the recipe \`${config.recipe}\`.`,
    ...(isAdapter && !isPeft
      ? ['Load the adapter with the `config.json` and `model.safetensors` of that checkpoint.']
      : []),
    ...(base ? ['The licence of the base model applies.'] : []),
    '',
    ...figures(exported.results),
    '## Training',
    '',
    ...settingsOf(config).map(([name, value]) => `- ${name}: ${value}`),
    '',
  ].join('\n');
}

function licenceOf(base: BaseModel | null): Record<string, string> {
  if (base?.licence) return base.licence;
  return base?.onHub
    ? { license: 'other', license_name: 'as-base-model', license_link: `https://huggingface.co/${base.name}` }
    : {};
}

const linked = ({ name, onHub }: BaseModel): string =>
  onHub ? `[${name}](https://huggingface.co/${name})` : `\`${name}\``;

function figures(results: readonly EvaluationResult[]): string[] {
  const shown = results.filter(
    ({ metric, task, slice, answer, value }) =>
      SHOWN[metric] !== undefined &&
      value !== null &&
      slice === undefined &&
      answer === undefined &&
      task === (metric === 'consistent' ? 'views' : 'all'),
  );
  if (shown.length === 0) return [];
  return [
    '## Evaluation',
    '',
    '| evaluation set | view | metric | | 95% interval | rows |',
    '| --- | --- | --- | --: | --: | --: |',
    ...shown.map(
      ({ set, view, metric, value, interval, n }) =>
        `| ${cell(set)} | ${view ?? 'both'} | ${SHOWN[metric]} | ${percentText(value)} | ${percents(interval ?? null)} | ${n} |`,
    ),
    '',
  ];
}

const cell = (text: string): string => text.replace(/[|\r\n]/g, ' ');

function settingsOf(config: RunConfig): [string, string][] {
  const { engine, optimizer, seed, batch } = config;
  const adapter = adapterOf(engine);
  return [
    ...named(
      adapter && `LoRA, rank ${adapter.rank}, alpha ${adapter.alpha}, on ${adapter.targets.join(', ')}`,
      'adapter',
    ),
    ['learning rate', `${optimizer.learning_rate}, ${optimizer.schedule}`],
    ['rows per step', String('rows' in batch ? batch.rows : batch.samples)],
    ...(config.recipe === 'grpo' ? ofGrpo(config) : []),
    ['seed', String(seed)],
    ...named(typeof config.prompt === 'string' ? `\`${cell(config.prompt)}\`` : null, 'prompt'),
  ];
}

const named = (value: string | null, name: string): [string, string][] =>
  value === null ? [] : [[name, value]];

function ofGrpo({ sampling, rewards, views, coupling }: GrpoConfig): [string, string][] {
  const paid = Object.entries(rewards as Record<string, { weight?: number }>).flatMap(([name, { weight }]) =>
    weight ? [`${name} × ${weight}`] : [],
  );
  return [
    ['completions per prompt', `${sampling.group_size}, at temperature ${sampling.temperature}`],
    ['rewards', paid.join(', ')],
    ['views', viewsText(partnersOf(views))],
    ['coupling', couplingSettings(coupling)],
  ];
}

function viewsText(partners: readonly ViewId[]): string {
  if (partners.length === 0) return 'rows without another view';
  return hasOtherPartners(partners)
    ? `each row and one of ${partners.join(', ')}, if available`
    : 'each row and its mirror';
}

function couplingSettings({ mode = 'penalty', eta, threshold, labels }: GrpoConfig['coupling']): string {
  switch (mode) {
    case 'penalty':
      return `η ${eta}, threshold ${threshold}`;
    case 'joint':
      return 'joint reward';
    case 'relation':
      return `relation reward, with ${labels === undefined ? 'rules' : 'labels'}`;
    case 'order':
      return 'frame order bonus';
  }
}
