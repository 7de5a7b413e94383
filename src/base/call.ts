/**
 * Options of a call, next to its arguments. A handler always gets both; a caller gives those it needs, so that a
 * handler can pass its own on to the next call. `P` is the type of progress reports.
 */
export interface Call<P = never> {
  /** Cancels the call, which then rejects immediately for the caller with the signal's reason. */
  readonly signal: AbortSignal;
  onProgress(progress: P): void;
}

export type CallOptions<P = never> = Partial<Call<P>>;
