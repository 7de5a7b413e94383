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

/** Returns the status for lists. A run that failed before its first step is `not started`, and can be resumed. */
export const statusWord = (state: { status: string; step: number } | null | undefined): string =>
  !state || (isFailedStatus(state.status) && state.step === 0) ? 'not started' : state.status;
