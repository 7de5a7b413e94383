import { InvalidArgumentError } from 'commander';

/** Reads an option's value as a whole number from 0. */
export function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('Give a whole number from 0.');
  return Number(text);
}

export function atLeastOne(text: string): number {
  const value = wholeNumber(text);
  if (value === 0) throw new InvalidArgumentError('Give a whole number from 1.');
  return value;
}

export function amount(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0)) throw new InvalidArgumentError('Give a number from 0.');
  return value;
}

export function share(text: string): number {
  const value = amount(text);
  if (value === 0 || value > 1) throw new InvalidArgumentError('Give a share above 0 and up to 1.');
  return value;
}
