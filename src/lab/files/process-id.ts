import * as z from 'zod';

/**
 * Permanent identity of a process. Process ids are reused, so the identity includes the start time. Locks store their
 * holder in this form.
 */
export const processSchema = z.object({
  host: z.string(),
  /** The first program of a container has id 1. */
  pid: z.int().min(1),
  /** Start time and scope, from the operating system. Only compared for equality. `unknown` if not available. */
  pid_start: z.string(),
});
export type ProcessId = z.infer<typeof processSchema>;
