import { InvalidArgumentError } from 'commander';

/** Reads an option's value as a whole number from 0. */
export function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('Give a whole number from 0.');
  return Number(text);
}
