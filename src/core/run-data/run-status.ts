/** Statuses of a run in `state.json`. `lost` is never written; readers of the file determine it. */
export const RUN_STATUSES = [
  'starting',
  'running',
  'stopping',
  'stopped',
  'finished',
  'failed',
  'lost',
] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

const ACTIVE: readonly string[] = ['starting', 'running', 'stopping'] satisfies RunStatus[];

/** Whether a run with this status has a running process. */
export const isActiveStatus = (status: string): boolean => ACTIVE.includes(status);

/** Whether a run with this status ended unintentionally before its last step. */
export const isFailedStatus = (status: string): boolean => status === 'failed' || status === 'lost';

type State = { status: string; step: number } | null | undefined;

/** Whether a run has no step yet and is not active, so that it has no checkpoint either. */
export const isBeforeSteps = (state: State): boolean =>
  !state || (isFailedStatus(state.status) && state.step === 0);

/** Returns the status that all lists, panels and messages show. */
export const statusWord = (state: State): string => state?.status ?? 'not started';
