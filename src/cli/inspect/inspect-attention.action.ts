import type { OptionsOf } from '../command-options.ts';
import type { addInspectAttentionCommand } from './inspect-attention.command.ts';
import { lookAtSet } from '../../lab/insight/look-at-set.ts';
import { type InsightTarget, withTarget, printResults, openTarget } from './insight-target.ts';
import { setDocument } from '../../core/reports/insight/set-document.ts';
import { nameLooks } from '../../core/insight/set-names.ts';
import { compareLooks } from '../../core/insight/compare-looks.ts';
import { layersIn } from '../../core/insight/set-figures.ts';
import { comparisonDocument } from '../../core/reports/insight/comparison-document.ts';
import { readOnce } from '../../lab/insight/set-folder.ts';
import { UsageError } from '../errors.ts';

type Flags = OptionsOf<typeof addInspectAttentionCommand>;

type AskedModel = InsightTarget & { model: string };

export async function run(models: string[], flags: Flags): Promise<void> {
  const layers = flags.layer.length > 0 ? flags.layer : ('all' as const);
  const about = { layers, hide: [...new Set(flags.hide)] };
  const looks: ({ target: AskedModel } & Awaited<ReturnType<typeof lookAtSet>>)[] = [];
  for (const target of await targetsOf(models, flags, about)) {
    const look = await withTarget(target, (onProgress) =>
      lookAtSet(target.open, target.rows, { ...target, ...about }, onProgress),
    );
    looks.push({ target, ...look });
  }
  const told = looks.map(({ target: { manifest, dir }, rows, results }) => ({
    ...manifest,
    folder: dir,
    rows: rows.length,
    results,
  }));
  if (looks.length === 1) {
    const { rows, results } = looks[0]!;
    const queries = flags.query.length > 0 ? flags.query : ['answer'];
    const title = `Attention of ${looks[0]!.target.name}`;
    return printResults(told[0]!, () => setDocument(title, rows, results, queries), flags);
  }
  const names = nameLooks(
    looks.map(({ target: { model, manifest, strategy } }) => [
      model,
      manifest.step === null ? '' : `step ${manifest.step}`,
      strategy.name,
    ]),
  );
  const compared = compareLooks(
    looks.map(({ rows, results }, l) => ({ name: names[l]!, rows, layers: layersIn(results) })),
  );
  await printResults(
    { looks: told.map((look, l) => ({ name: names[l], ...look })), ...compared },
    () => comparisonDocument(`Attention of ${names.join(' and ')}`, compared, names),
    flags,
  );
}

/**
 * Returns every combination of model, step and prompting strategy.
 * @throws UsageError if the combinations use different rows, before asking a model
 */
async function targetsOf(
  models: string[],
  { step, strategy, ...flags }: Flags,
  about: object,
): Promise<AskedModel[]> {
  const [steps, strategies] = [
    step.length > 0 ? step : ['last'],
    strategy.length > 0 ? strategy : [undefined],
  ];
  // The keys are folders, because a user can pass the same checkpoint twice: as `last`, and by its step.
  const targets = new Map<string, AskedModel>();
  const read = readOnce();
  for (const model of models)
    for (const step of steps)
      for (const strategy of strategies) {
        const how = { ...flags, step, ...(strategy !== undefined && { strategy }) };
        const target = await openTarget('set', model, how, flags.views, about, read);
        targets.set(target.dir, { ...target, model });
      }
  const [first, ...others] = targets.values();
  const other = others.find(({ manifest }) => manifest.set.sha256 !== first!.manifest.set.sha256);
  if (other)
    throw new UsageError(`${first!.file} and ${other.file} have different rows.`, {
      fix: 'Pass one file for all models with --set.',
    });
  return [first!, ...others];
}
