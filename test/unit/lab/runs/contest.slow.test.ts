import { expect, it } from 'vitest';
import { contest } from './contest.ts';
import { folderOfTests } from '../../../support/folder.ts';

it('property: lockFolder: five processes share no lock in 100,000 contested takeovers', async () => {
  const folder = folderOfTests('chirality-contest-');
  const { takeovers, doubles } = await contest(folder, 100_000);
  expect(takeovers).toBeGreaterThanOrEqual(100_000);
  expect(doubles).toBe(0);
}, 3_600_000);
