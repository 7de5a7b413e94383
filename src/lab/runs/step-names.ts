/**
 * The name of a file or folder that belongs to a step: `step-000412`. From a million steps on, names get longer and no
 * longer sort like their steps.
 */
export const stepName = (step: number): string => `step-${String(step).padStart(6, '0')}`;

/** Returns the step in a name with this ending; null if the name does not have this form. */
export function stepOf(name: string, ending = ''): number | null {
  const step = name.endsWith(ending) && /^step-(\d+)$/.exec(name.slice(0, name.length - ending.length))?.[1];
  return step ? Number(step) : null;
}

/** Those of the names that belong to a step and have this ending, by ascending step. */
export const stepsIn = (names: readonly string[], ending = ''): { name: string; step: number }[] =>
  names
    .map((name) => ({ name, step: stepOf(name, ending) }))
    .filter((one): one is { name: string; step: number } => one.step !== null)
    .sort((a, b) => a.step - b.step);
