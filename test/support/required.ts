/** With this, what the machine lacks is a failure: a green run then means that everything ran. */
export const requireAll = process.env.CHIRALITY_REQUIRE_ALL === '1';

/**
 * Says why tests are skipped. @throws the error where nothing may be; its message is printed here, since Vitest 4 with a
 * cache of modules fails to print what a global set-up throws.
 */
export function cannotRun(tests: string, error: unknown): void {
  console.warn(`${tests} ${requireAll ? 'cannot run' : 'are skipped'}. ${(error as Error).message}`);
  if (requireAll) throw error;
}
