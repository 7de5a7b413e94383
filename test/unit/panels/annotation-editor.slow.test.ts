import { test } from 'vitest';
import { checkDirty } from './annotation-editor-law.ts';
import { folderOfTests } from '../../support/folder.ts';

const folder = folderOfTests('chirality-editor-');

test('property: marks a document unlike its file as dirty', () => checkDirty(folder, 2000), 900_000);
