import * as z from 'zod';

/**
 * Identifies a process permanently. Process ids are reused, so the start time is included. Locks store their holder in
 * this form.
 */
export const processSchema = z.object({
  host: z.string(),
  /** 1 is possible, for the first program of a container. */
  pid: z.int().min(1),
  /**
   * Start time and scope, from the operating system, only compared for equality. `unknown` if it could not be
   * determined.
   */
  pid_start: z.string(),
});
export type ProcessId = z.infer<typeof processSchema>;
