/**
 * Options of a call: an abort signal and a progress callback. Handlers always receive both options, and callers can
 * omit either. `P` is the type of progress reports.
 */
export interface Call<P = never> {
  /** Signal that cancels the call. The call then rejects at once with the signal's reason. */
  readonly signal: AbortSignal;
  onProgress(progress: P): void;
}

export type CallOptions<P = never> = Partial<Call<P>>;
