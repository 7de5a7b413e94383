import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { isRecord } from '../../core/json.ts';
import type { Tree } from '../../core/config/tree.ts';

/** A run config, or a part of one, with all paths made absolute. @param base the folder they are relative to. */
export function withAbsolutePaths<T extends Tree>(config: T, base: string): T {
  const at = (path: unknown) => (typeof path === 'string' ? resolve(base, path) : path);
  const { data, engine, init, rewards } = config;
  const semantic = isRecord(rewards) && isRecord(rewards.semantic) ? rewards.semantic : {};
  const { train, eval: sets, root = '.' } = isRecord(data) ? data : {};
  return {
    ...config,
    ...(isRecord(engine) &&
      typeof engine.model === 'string' && { engine: { ...engine, model: folderOrName(base, engine.model) } }),
    ...(isRecord(engine) &&
      engine.processor !== undefined && { engine: { ...engine, processor: at(engine.processor) } }),
    ...(init !== undefined && { init: at(init) }),
    ...(isRecord(rewards) &&
      semantic.encoder_path !== undefined && {
        rewards: { ...rewards, semantic: { ...semantic, encoder_path: at(semantic.encoder_path) } },
      }),
    ...(isRecord(data) && {
      data: {
        ...data,
        ...(train !== undefined && { train: at(train) }),
        ...(isRecord(sets) && {
          eval: Object.fromEntries(Object.entries(sets).map(([name, path]) => [name, at(path)])),
        }),
        root: at(root),
      },
    }),
  };
}

/** A folder relative to the config, if there is one, otherwise a model's name on the hub. */
function folderOrName(base: string, model: string): string {
  const folder = resolve(base, model);
  return /^\.{0,2}\//.test(model) || existsSync(folder) ? folder : model;
}
