/**
 * Options of a call besides its arguments. A handler always gets both, while a caller can leave them out. `P` is the
 * type of progress reports.
 */
export interface Call<P = never> {
  /** Cancels the call, which then rejects immediately for the caller with the signal's reason. */
  readonly signal: AbortSignal;
  onProgress(progress: P): void;
}

export type CallOptions<P = never> = Partial<Call<P>>;
