/**
 * Accompanies the arguments of a call. A handler has both parts, and a caller gives the parts it needs, so a handler
 * can pass its own on to the next call. `P` is what may be reported during the call.
 */
export interface Call<P = never> {
  /** Cancels the call; for the caller it rejects at once with the signal's reason. */
  readonly signal: AbortSignal;
  onProgress(progress: P): void;
}

export type CallOptions<P = never> = Partial<Call<P>>;
