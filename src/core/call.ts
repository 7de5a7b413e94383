/**
 * What goes with the arguments of a call. A handler has both parts, a caller gives those that it needs; so a handler
 * can pass its own on to the next call. `P` is what may be reported while the call is under way.
 */
export interface Call<P = never> {
  /** Ends the call: for the caller at once, with the signal's reason. */
  readonly signal: AbortSignal;
  onProgress(progress: P): void;
}

export type CallOptions<P = never> = Partial<Call<P>>;
