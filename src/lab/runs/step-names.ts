/**
 * The name of what a run keeps of a step: `step-000412`. From a million steps on it is longer, so that names do not sort
 * as their steps do.
 */
export const stepName = (step: number): string => `step-${String(step).padStart(6, '0')}`;

/** The step that a name with this ending is of; null if it is of none. */
export function stepOf(name: string, ending = ''): number | null {
  const step = name.endsWith(ending) && /^step-(\d+)$/.exec(name.slice(0, name.length - ending.length))?.[1];
  return step ? Number(step) : null;
}

/** The names in a folder that are of a step and have this ending, by ascending step. */
export const stepsIn = (names: readonly string[], ending = ''): { name: string; step: number }[] =>
  names
    .map((name) => ({ name, step: stepOf(name, ending) }))
    .filter((one): one is { name: string; step: number } => one.step !== null)
    .sort((a, b) => a.step - b.step);
