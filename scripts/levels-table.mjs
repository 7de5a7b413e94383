// What the penalty would have done to the pairs of runs without one, by reward and η: `node scripts/levels-table.mjs
// RUN RUN …`, the folders of runs with coupling.eta: 0. Percent of pairs, means with 95 % intervals over runs. MiniLM comes
// from the hub, or from the folder in CHIRALITY_MINILM.
import { bundled } from './bundled.mjs';
import { header, interval, line, seedFiles } from './seeds.mjs';

const ETAS = [1, 2, 10];
const EFFECTS = ['none', 'scaled', 'inverted', 'erased'];
const { effectsOf, REWARDS } = await bundled('scripts/levels');
const found = [];
for (const run of seedFiles('levels-table.mjs'))
  found.push(await effectsOf(run, ETAS, process.env.CHIRALITY_MINILM));
header(['reward', 'η', ...EFFECTS]);
for (const reward of REWARDS)
  for (const eta of ETAS)
    line([
      reward,
      eta,
      ...EFFECTS.map((effect) => interval(found.map((run) => 100 * run[reward][eta][effect]))),
    ]);
