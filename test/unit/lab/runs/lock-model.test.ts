import { describe, expect, it } from 'vitest';
import { explore, type Rules } from './lock-model.ts';

const RULES: Rules = { removesWhatItFound: true, writesFromEntry: true, silenceCounts: false };

describe("all orders of the lock's steps, with kills and pauses", () => {
  it.each([
    [2, 4],
    [3, 2],
  ])('no order of steps shares a lock with %i processes and up to %i takeovers each', (processes, each) => {
    const { states, ...faults } = explore(processes, each, RULES);
    expect(states).toBeGreaterThan(1000);
    expect(faults).toEqual({ doubles: 0, lateWrites: 0, stuck: 0 });
  });

  it.each([
    [2, 3],
    [3, 1],
  ])('prevents late writes by %i processes suspended in a takeover up to %i times', (processes, each) => {
    const { states, lateWrites, stuck } = explore(processes, each, { ...RULES, silenceCounts: true });
    expect(states).toBeGreaterThan(1000);
    expect({ lateWrites, stuck }).toEqual({ lateWrites: 0, stuck: 0 });
  });

  it('the search finds a double lock if a takeover removes any lock', () => {
    expect(explore(3, 1, { ...RULES, removesWhatItFound: false }).doubles).toBeGreaterThan(0);
  });

  it('the search finds a late write if a process only checks before writing', () => {
    const rules = { ...RULES, silenceCounts: true, writesFromEntry: false };
    expect(explore(2, 1, rules).lateWrites).toBeGreaterThan(0);
  });
});
