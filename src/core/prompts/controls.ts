import type { Strategy } from './strategy.ts';

/** What a control removes, to see whether it matters. */
export const CONTROLS = ['blind', 'shuffled'] as const;
export type Control = (typeof CONTROLS)[number];

/**
 * Returns a strategy without its picture (`blind`), or with object names shuffled in the graphs that the model draws
 * before a later stage reads them (`shuffled`); null if no later stage reads one.
 */
export function controlOf(strategy: Strategy, control: Control): Strategy | null {
  const { stages } = strategy;
  const name = `${strategy.name}-${control}`;
  if (control === 'blind') {
    const withoutPictures = (text: string) => text.replace(/\n?\{(?:images|depth_map)\}/g, '');
    return {
      ...strategy,
      name,
      stages: stages.map((stage) => ({ ...stage, images: 'none', user: withoutPictures(stage.user) })),
    };
  }
  if (!stages.slice(0, -1).some(({ graph }) => graph)) return null;
  return {
    ...strategy,
    name,
    stages: stages.map((stage) =>
      stage.graph ? { ...stage, graph: { ...stage.graph, shuffled: true } } : stage,
    ),
  };
}
