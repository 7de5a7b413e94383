import fc from 'fast-check';
import { it } from 'vitest';

type Values = [unknown, ...unknown[]];
type Given<Ts extends Values> = { [K in keyof Ts]: fc.Arbitrary<Ts[K]> };
type Check<Ts extends Values> = ((...values: Ts) => boolean) | ((...values: Ts) => void);
type Rest<Ts extends Values> = [Check<Ts>] | [options: fc.Parameters<NoInfer<Ts>>, check: Check<Ts>];

/** Checks that a property holds for all values of the arbitraries. */
export function forAll<Ts extends Values>(given: Given<Ts>, ...rest: Rest<Ts>): void {
  const [options, check] = rest.length === 1 ? [{}, rest[0]] : rest;
  fc.assert(fc.property(...given, check), options);
}

type AsyncRest<Ts extends Values> =
  | [(...values: Ts) => Promise<void>]
  | [options: fc.Parameters<NoInfer<Ts>>, check: (...values: Ts) => Promise<void>];

/** Checks that a property whose check takes time holds for all values of the arbitraries. */
export function forAllAsync<Ts extends Values>(given: Given<Ts>, ...rest: AsyncRest<Ts>): Promise<void> {
  const [options, check] = rest.length === 1 ? [{}, rest[0]] : rest;
  return fc.assert(fc.asyncProperty(...given, check), options);
}

/** A test of a property of all values of the arbitraries. */
export const property = <Ts extends Values>(title: string, given: Given<Ts>, ...rest: Rest<Ts>): void =>
  it(`property: ${title}`, () => forAll(given, ...rest));
