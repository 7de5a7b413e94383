import { fixed } from '../../base/format.ts';
import type { Problem } from '../../base/problem.ts';
import { error, warning } from './issues.ts';
import { CouplingConfig } from './rewards-config.ts';
import { partnersOf } from '../rewards/draws.ts';
import { signalOf } from '../rewards/coupling.ts';
import { adapterOf, SKYRL_ADAM, type TinkerEngine } from './engine-config.ts';
import type { GrpoConfig, RunConfig } from './run-config.ts';
import { planQuick } from '../psychophysics/plan-stimuli.ts';
import { isControl, ORIGINAL, viewOf } from '../../rows/view-list.ts';

/** Checks the rules between fields, which the schema does not contain. */
export function* checkRun(config: RunConfig): Generator<Problem> {
  yield* checkCommon(config);
  yield* checkSymmetric(config);
  if (config.engine.kind === 'tinker') yield* checkTinker(config, config.engine);
  if (config.recipe !== 'grpo') return;
  for (const check of [
    checkRewards,
    checkViews,
    checkCounterfactual,
    checkSampling,
    checkGraph,
    checkLoss,
    checkEndpoint,
  ])
    yield* check(config);
}

/** Checks the names of custom rewards and metrics, which become part of setting paths and metric names. */
function* checkOwnNames(names: readonly string[], section: string): Generator<Problem> {
  for (const name of names)
    if (!/^[a-z]\w*$/i.test(name))
      yield error(
        `${section}.${name}`,
        'own-name',
        `"${name}" is not a valid name for a reward or metric.`,
        'Use letters, digits and _, starting with a letter.',
      );
}

/** Checks a server address. A common mistake is an API key before the host name or after a question mark. */
function* checkAddress(path: string, address: string | undefined): Generator<Problem> {
  if (address === undefined) return;
  if (!/^https?:\/\/[^/?#\s]/i.test(address))
    yield error(
      path,
      'server-address',
      'The server address is not valid.',
      'Start the address with http:// or https://.',
    );
  else if (/\/\/[^/]*@|\?/.test(address))
    yield error(
      path,
      'server-key',
      'A server address in a config must not contain a key, a password or a query.',
      'Remove these parts, and set the key in the environment (docs/clusters.md).',
    );
}

/** Rejects settings that a Tinker server does not support, before the run starts. */
function* checkTinker(config: RunConfig, engine: TinkerEngine): Generator<Problem> {
  yield* checkAddress('engine.url', engine.url);
  yield* checkAddress('engine.reference_url', engine.reference_url);
  if (config.recipe === 'grpo') {
    const { sampling, loss } = config;
    if (sampling.temperature !== 1)
      yield error(
        'sampling.temperature',
        'tinker-temperature',
        'A Tinker server scores only at temperature 1, so training would not match the sampled policy.',
        'Set sampling.temperature to 1.',
      );
    if (loss.beta > 0 && engine.reference_url === undefined)
      yield error(
        'loss.beta',
        'tinker-reference',
        'A beta above 0 requires a reference model, but a training server keeps only the policy.',
        'Set loss.beta to 0, or set engine.reference_url to a second server. If the server of engine.url hosts several models, you can set the same address.',
      );
  }
  if (engine.server === 'skyrl') {
    const { betas, weight_decay, grad_clip } = config.optimizer;
    const settings = { betas, weight_decay, grad_clip };
    for (const [name, value] of Object.entries(engine.server_adam)) {
      const wanted = settings[name as keyof typeof settings];
      if (String(wanted) === String(value)) continue;
      yield error(
        `optimizer.${name}`,
        'skyrl-adam',
        `The SkyRL server was started with ${name} ${String(value)}, not ${String(wanted)}. SkyRL uses only the learning rate of a run.`,
        `Set optimizer.${name} to ${JSON.stringify(value)}. Alternatively, restart the server with the value of the run, and set this value in engine.server_adam.`,
      );
    }
  }
  if (engine.server === 'tinker' && JSON.stringify(engine.server_adam) !== JSON.stringify(SKYRL_ADAM))
    yield error(
      'engine.server_adam',
      'tinker-adam',
      'engine.server_adam applies only to SkyRL. A server of kind tinker uses the section optimizer.',
      'Set engine.server to skyrl, or remove engine.server_adam.',
    );
}

/** Checks that another server for sampling is used only by LoRA runs of the torch engine. */
function* checkEndpoint({ sampling, engine }: GrpoConfig): Generator<Problem> {
  if (sampling.endpoint === undefined || (engine.kind === 'torch' && engine.adapter.kind === 'lora'))
    yield* checkAddress('sampling.endpoint', sampling.endpoint);
  else
    yield error(
      'sampling.endpoint',
      'endpoint-adapter',
      'sampling.endpoint requires a torch run with an adapter.',
      'Set engine.kind to torch and engine.adapter.kind to lora, or remove sampling.endpoint.',
    );
}

/** Rejects symmetric images if they have no effect, or if trainer and sampler would get different images. */
function* checkSymmetric(config: RunConfig): Generator<Problem> {
  const { engine, pairs } = config;
  const fix = 'Remove pairs.symmetric.';
  if (!pairs.symmetric) return;
  if (engine.kind === 'tinker')
    yield error(
      'pairs.symmetric',
      'symmetric-server',
      'pairs.symmetric does not apply to a Tinker server, because the image processors of Tinker models are mirror-symmetric.',
      fix,
    );
  if (config.recipe === 'grpo' && config.sampling.endpoint !== undefined)
    yield error(
      'pairs.symmetric',
      'symmetric-endpoint',
      'pairs.symmetric does not apply to the server of sampling.endpoint, so the server’s images would differ from the trainer’s.',
      'Remove pairs.symmetric or sampling.endpoint.',
    );
  if (engine.kind === 'embedded' && engine.fill === 'none')
    yield warning(
      'pairs.symmetric',
      'symmetric-already',
      'pairs.symmetric has no effect, because the embedded model stretches images to a square.',
      'Remove pairs.symmetric, or set engine.fill to right.',
    );
}

/** Maximum number of model parameters. A config is untrusted and must not use up the machine's memory. */
const MOST_PARAMETERS = 200e6;

function* checkCommon({
  engine,
  init,
  optimizer,
  steps,
  evaluate,
  data,
  checkpoint,
}: RunConfig): Generator<Problem> {
  yield* checkAddress('evaluate.judge.url', evaluate.judge?.url);
  if ((evaluate.n ?? 1) > 1 && !evaluate.temperature)
    yield error(
      'evaluate.n',
      'evaluate-n',
      `At temperature 0, all ${evaluate.n} answers to a question are the same.`,
      'Set evaluate.temperature, for example to 0.7.',
    );
  if (engine.kind === 'embedded') {
    if (engine.width % engine.heads !== 0)
      yield error(
        'engine.heads',
        'heads',
        `Width ${engine.width} is not a multiple of ${engine.heads} heads.`,
        'Choose a width that is a multiple of engine.heads.',
      );
    const parameters = 12 * engine.layers * engine.width ** 2;
    if (parameters > MOST_PARAMETERS)
      yield error(
        'engine.width',
        'large',
        `${engine.layers} layers of width ${engine.width} have ${fixed(parameters / 1e6, 0)} million parameters. The embedded engine trains up to ${MOST_PARAMETERS / 1e6} million.`,
        'Choose a smaller width or fewer layers, or another engine.',
      );
    if (engine.image_size % engine.patch_size !== 0)
      yield error(
        'engine.patch_size',
        'patches',
        `Patch size ${engine.patch_size} does not divide the image size ${engine.image_size}.`,
        'Choose a patch size that divides the image size.',
      );
    const adapter = adapterOf(engine);
    if (adapter && init === undefined)
      yield error(
        'engine.adapter',
        'adapter-base',
        'An adapter requires a trained model, but a new embedded model has random weights.',
        'Set init to a checkpoint of a run that trained all weights, or set engine.adapter.kind to none.',
      );
    if (adapter && adapter.rank > engine.width)
      yield error(
        'engine.adapter.rank',
        'adapter-rank',
        `Rank ${adapter.rank} is larger than the width of the model, ${engine.width}.`,
        `Choose a rank of at most ${engine.width}.`,
      );
  }
  if (steps > 0 && optimizer.warmup_steps >= steps)
    yield warning(
      'optimizer.warmup_steps',
      'warmup',
      `The warm-up lasts ${optimizer.warmup_steps} of ${steps} steps, so training never reaches the peak rate.`,
      `Set optimizer.warmup_steps below ${steps}.`,
    );
  for (const axis of evaluate.acuity ?? []) {
    try {
      planQuick(axis, engine.kind);
    } catch (why) {
      if (!(why instanceof RangeError)) throw why;
      yield error('evaluate.acuity', 'acuity-axis', why.message, `Remove ${axis}.`);
    }
  }
  const sets = Object.keys(data.eval);
  if (evaluate.every > 0 && sets.length === 0 && !evaluate.acuity)
    yield warning(
      'evaluate.every',
      'no-eval-set',
      'evaluate.every is set, but the config has no evaluation set.',
      'Add an evaluation set under data.eval.',
    );
  yield* checkOwnNames(Object.keys(evaluate.metrics ?? {}), 'evaluate.metrics');
  const best = checkpoint.keep_best;
  const figures = sets.flatMap((set) => evaluate.views.map((view) => `${set}/${view}`));
  if (best !== undefined && !figures.includes(best))
    yield error(
      'checkpoint.keep_best',
      'keep-best',
      `keep_best is "${best}", but the run does not evaluate this set and view.`,
      figures.length > 0 ? `Use one of ${figures.join(', ')}.` : 'Add an evaluation set under data.eval.',
    );
}

function* checkRewards({ rewards, views, coupling }: GrpoConfig): Generator<Problem> {
  yield* checkOwnNames(Object.keys(rewards), 'rewards');
  if (Object.values(rewards).every((part) => !part?.weight))
    yield error(
      'rewards',
      'no-reward',
      'All rewards have weight 0, so the training has no signal.',
      'Set the weight of at least one reward.',
    );
  const signal = signalOf(coupling);
  const isPenalty = (coupling.mode ?? 'penalty') === 'penalty';
  const weight = rewards[signal]?.weight ?? 0;
  if (partnersOf(views).length > 0 && (!isPenalty || coupling.eta > 0) && weight <= 0)
    yield error(
      isPenalty ? 'coupling.eta' : 'coupling.mode',
      'coupling-without-semantic',
      `The coupling acts on the ${signal} reward, whose weight is ${weight}.${weight < 0 ? ' A penalty would raise the total reward.' : ''}`,
      `Set the weight of rewards.${signal} above 0, choose another reward in coupling.signal, or ${isPenalty ? 'set coupling.eta to 0' : 'remove coupling.mode'}.`,
    );
  const usual = CouplingConfig.parse({});
  for (const setting of ['eta', 'threshold', 'dead_band', 'side', 'clamp'] as const)
    if (!isPenalty && coupling[setting] !== usual[setting])
      yield warning(
        `coupling.${setting}`,
        'coupling-joint',
        `coupling.${setting} has no effect with coupling.mode: ${coupling.mode}. The setting applies only to the view penalty.`,
        `Remove coupling.${setting} or coupling.mode.`,
      );
}

function* checkViews({ views, rewards }: GrpoConfig): Generator<Problem> {
  const partners = partnersOf(views);
  if (partners.includes(ORIGINAL))
    yield error(
      'views.use',
      'original-partner',
      'views.use must not contain original, because every row includes the original.',
      'Remove original.',
    );
  if (new Set(partners).size < partners.length)
    yield error('views.use', 'repeated-view', 'views.use contains a view twice.', 'Remove the duplicate.');
  if (rewards.agreement?.weight && partners.length === 0)
    yield error(
      'rewards.agreement',
      'agreement-without-view',
      'rewards.agreement requires another view.',
      'Add a view to views.use.',
    );
}

/** Checks the views for the rewards `relation` and `order`: turned images with one question, or shuffled frames. */
function* checkCounterfactual({ views, coupling, rewards, advantages }: GrpoConfig): Generator<Problem> {
  const { mode } = coupling;
  const partners = partnersOf(views);
  const shuffled = partners.filter(isControl);
  for (const setting of ['labels', 'wrong_labels'] as const)
    if (mode !== 'relation' && coupling[setting] !== undefined)
      yield error(
        `coupling.${setting}`,
        'labels-without-relation',
        `coupling.${setting} requires counterfactuals, but this run has no counterfactuals.`,
        `Set coupling.mode to relation, or remove coupling.${setting}.`,
      );
  if (mode !== 'order' && shuffled.length > 0)
    yield error(
      'views.use',
      'shuffled-partner',
      `${shuffled[0]} cannot be a partner view, because shuffled frames have no known answer.`,
      'Set coupling.mode to order, or choose another view.',
    );
  if (mode !== 'relation' && mode !== 'order') return;
  const unfit = partners.find((view) => !(mode === 'order' ? isControl(view) : viewOf(view).turnsPictures));
  if (partners.length === 0 || unfit !== undefined)
    yield error(
      'views.use',
      `${mode}-views`,
      mode === 'order'
        ? 'coupling.mode: order supports only shuffled frames.'
        : `A counterfactual must change the images and keep the question.${unfit === undefined ? '' : ` The view ${unfit} does not meet this condition.`}`,
      mode === 'order'
        ? 'Set views.use to [shuffle:1].'
        : 'Set views.use to one or more of reverse, mirror and mirror+reverse.',
    );
  if (rewards.agreement?.weight)
    yield error(
      'rewards.agreement',
      `${mode}-agreement`,
      `rewards.agreement cannot be used with coupling.mode: ${mode}, because answers do not map between the views.`,
      'Remove rewards.agreement or coupling.mode.',
    );
  if (mode === 'order' && advantages.scope === 'pair')
    yield error(
      'advantages.scope',
      'order-scope',
      'coupling.mode: order cannot compute advantages over both groups, because shuffled completions are not trained.',
      'Set advantages.scope to group.',
    );
}

function* checkSampling({ engine, graph, sampling }: GrpoConfig): Generator<Problem> {
  if (sampling.top_p < 1 && !sampling.allow_biased_ratio)
    yield error(
      'sampling.top_p',
      'biased-ratio',
      'With top_p below 1, the policy ratio is biased (implementation choice R51).',
      'Set top_p to 1, or set sampling.allow_biased_ratio to true.',
    );
  if (engine.kind === 'torch' && engine.adapter.dropout > 0 && !sampling.allow_biased_ratio)
    yield error(
      'engine.adapter.dropout',
      'biased-ratio',
      'With dropout, the policy ratio is biased (implementation choice R51).',
      'Set dropout to 0, or set sampling.allow_biased_ratio to true.',
    );
  for (const [section, tokens] of [
    ['sampling', sampling.max_tokens],
    ['graph', graph?.max_tokens ?? 0],
  ] as const) {
    if (engine.kind === 'embedded' && tokens > engine.completion_tokens)
      yield error(
        `${section}.max_tokens`,
        'too-long',
        `max_tokens is ${tokens}, but the model writes at most ${engine.completion_tokens} words.`,
        `Lower ${section}.max_tokens or raise engine.completion_tokens.`,
      );
  }
}

function* checkGraph({ prompt, graph }: GrpoConfig): Generator<Problem> {
  const shows = prompt.includes('{graph}');
  if (graph && !shows)
    yield error(
      'prompt',
      'graph-not-shown',
      'The prompt does not contain the graph of the first stage.',
      'Add {graph} to the prompt, or remove the section graph.',
    );
  if (shows && !graph)
    yield error(
      'prompt',
      'graph-not-sampled',
      'The prompt contains {graph}, but the config has no first stage that writes a graph.',
      'Add the section graph, or remove {graph} from the prompt.',
    );
}

function* checkLoss({ loss, advantages, optimizer }: GrpoConfig): Generator<Problem> {
  if (loss.aggregation === 'dr-grpo' && advantages.convention !== 'dr-grpo')
    yield warning(
      'advantages.convention',
      'dr-grpo',
      'Dr. GRPO also omits the division by the std (implementation choice R49).',
      'Set advantages.convention to dr-grpo.',
    );
  if (optimizer.learning_rate === 0)
    yield warning(
      'optimizer.learning_rate',
      'no-learning',
      'With a learning rate of 0, the weights do not change.',
      'Raise optimizer.learning_rate.',
    );
}
