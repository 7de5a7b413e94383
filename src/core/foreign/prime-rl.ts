import { figuresIn, type Figures, type Told } from './metric-names.ts';

/** prime-rl's names for figures that have the same definition in Chirality; those of the only agent lose its name. */
const OURS: Readonly<Record<string, string>> = {
  'effective/reward/mean': 'reward',
  'effective/num_output_tokens/mean': 'completions/mean_length',
  'effective/is_truncated/mean': 'completions/clipped_ratio',
  'all/solved_all': 'by_group/frac_all_good',
  'all/solved_none': 'by_group/frac_all_bad',
  'all/solved_some': 'by_group/frac_mixed',
  'optim/grad_norm': 'grad_norm',
  'optim/lr': 'learning_rate',
  'entropy/all/mean': 'entropy',
};
const AGENT = /^train\/agg\/effective\/([^/]+)\/reward\/mean$/;

/** The figures of a line of prime-rl's metrics, under our names where they mean the same. */
export function primeFigures(line: Readonly<Record<string, unknown>>, told: Told): Figures {
  const agents = Object.keys(line).flatMap((name) => AGENT.exec(name)?.[1] ?? []);
  const [agent] = agents;
  return figuresIn({ ...line, time: undefined }, told, (name) => {
    const own = name.replace(/^train\/agg\//, '');
    const short =
      own === name || agents.length > 1 || agent === undefined ? own : own.replace(`/${agent}/`, '/');
    const part = /^effective\/rewards\/([^/]+)\/mean$/.exec(short)?.[1];
    const phase = /^time\/(.+)$/.exec(name)?.[1];
    const renamed = Object.hasOwn(OURS, short) ? OURS[short]! : name;
    return part !== undefined ? `rewards/${part}/mean` : phase !== undefined ? `timing_s/${phase}` : renamed;
  });
}
