import * as z from 'zod';

/**
 * Identifies a process permanently: process ids are reused, so the start time is part of the identity. The holder of a
 * lock is also recorded in this form.
 */
export const processSchema = z.object({
  host: z.string(),
  /** 1 is possible, for the first program of a container. */
  pid: z.int().min(1),
  /**
   * When and where it started, as stated by the operating system; opaque, only compared. `unknown` if it could not be
   * determined.
   */
  pid_start: z.string(),
});
export type ProcessId = z.infer<typeof processSchema>;
