import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { isRecord } from '../../base/json.ts';
import type { Tree } from '../../core/config/tree.ts';

/** Makes all paths in a run config, or in a part of a config, absolute. @param base folder of relative paths */
export function withAbsolutePaths<T extends Tree>(config: T, base: string): T {
  const absolute = (path: unknown) => (typeof path === 'string' ? resolve(base, path) : path);
  const { coupling, data, engine, evaluate, init, rewards } = config;
  const program = (part: unknown) =>
    isRecord(part) && Array.isArray(part.command)
      ? { ...part, command: commandAt(base, part.command) }
      : part;
  const programs = (parts: Tree) =>
    Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, program(part)]));
  const semantic = isRecord(rewards) && isRecord(rewards.semantic) ? rewards.semantic : {};
  const { train, eval: sets, root = '.' } = isRecord(data) ? data : {};
  return {
    ...config,
    ...(isRecord(engine) &&
      typeof engine.model === 'string' && { engine: { ...engine, model: folderOrName(base, engine.model) } }),
    ...(isRecord(engine) &&
      engine.processor !== undefined && { engine: { ...engine, processor: absolute(engine.processor) } }),
    ...(init !== undefined && { init: absolute(init) }),
    ...(isRecord(coupling) &&
      coupling.labels !== undefined && { coupling: { ...coupling, labels: absolute(coupling.labels) } }),
    ...(isRecord(rewards) && {
      rewards: {
        ...programs(rewards),
        ...(semantic.encoder_path !== undefined && {
          semantic: { ...semantic, encoder_path: absolute(semantic.encoder_path) },
        }),
      },
    }),
    ...(isRecord(evaluate) &&
      isRecord(evaluate.metrics) && { evaluate: { ...evaluate, metrics: programs(evaluate.metrics) } }),
    ...(isRecord(data) && {
      data: {
        ...data,
        ...(train !== undefined && { train: absolute(train) }),
        ...(isRecord(sets) && {
          eval: Object.fromEntries(Object.entries(sets).map(([name, path]) => [name, absolute(path)])),
        }),
        root: absolute(root),
      },
    }),
  };
}

/** Makes the files in a command absolute. As in a shell, the executable is a file only if it contains a slash. */
export function commandAt<T>(base: string, command: readonly T[]): (T | string)[] {
  return command.map((word, i) => {
    if (typeof word !== 'string' || (i === 0 && !/[\\/]/.test(word))) return word;
    const path = resolve(base, word);
    return statSync(path, { throwIfNoEntry: false })?.isFile() ? path : word;
  });
}

/** Returns a folder relative to `base` if it exists. Otherwise, returns the name of a model on the Hugging Face Hub. */
export function folderOrName(base: string, model: string): string {
  const folder = resolve(base, model);
  return /^\.{0,2}\//.test(model) || existsSync(folder) ? folder : model;
}
