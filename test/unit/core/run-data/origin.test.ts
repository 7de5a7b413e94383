import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { laterNote, ORIGINS } from '../../../../src/core/run-data/origin.ts';

describe('tested versions of other programs', () => {
  it('tested versions of other programs match the docs', () => {
    const docs = readFileSync('docs/other-trainers.md', 'utf8');
    for (const { name, tested } of Object.values(ORIGINS))
      expect(docs.split('\n')).toContainEqual(
        expect.stringMatching(new RegExp(`^\\| ${name} +\\|.*[ |]${tested}`)),
      );
  });

  it('origin notes mention tested versions only for a run of a later version', () => {
    const note = (version: string | null) => laterNote({ kind: 'trl', version });
    expect([null, '0.29.1', '1.9.0', '1.16.0', '1.16.7'].map(note)).toEqual(Array(5).fill(null));
    for (const version of ['1.17.0', '2.0.0.dev0', '10.1'])
      expect(note(version)).toContain(
        `TRL ${version} wrote this run, but Chirality was tested only with versions up to 1.16.`,
      );
    expect(laterNote({ kind: 'prime-rl', version: '9.0' })).toBeNull();
  });
});
