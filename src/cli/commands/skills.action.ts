import type { OptionsOf } from '../command-options.ts';
import type { addSkillsCommand } from './skills.command.ts';
import { join } from 'node:path';
import { several } from '../../base/format.ts';
import { listSkills } from '../../lab/library.ts';
import { writeAtomically } from '../../lab/files/atomic.ts';
import { ifMissing } from '../../lab/files/disk-error.ts';
import { makeFolder } from '../../lab/files/folders.ts';
import { readText } from '../../lab/files/regular.ts';
import { JobError, UsageError } from '../errors.ts';
import { note, print, printDocument, printJson, printNamed } from '../print.ts';

export async function skills(
  name: string | undefined,
  { install, force, json }: OptionsOf<typeof addSkillsCommand>,
): Promise<void> {
  const all = listSkills();
  if (name !== undefined && install !== undefined)
    throw new UsageError('--install copies all skills. Remove the name.');
  if (force && install === undefined) throw new UsageError('--force has no effect without --install.');
  if (install !== undefined) return copyTo(install, all, force ?? false);
  if (name === undefined) {
    if (json) printJson(all.map(({ name, about }) => ({ name, about })));
    // Omit the sentence about when to use a skill, because it is for agents.
    else printNamed(all.map(({ name, about }) => ({ name, about: about.split(' Use it when ')[0]! })));
    return;
  }
  const skill = all.find((each) => each.name === name);
  if (!skill)
    throw new UsageError(`Skill "${name}" does not exist. List the skills with \`chirality skills\`.`);
  if (json) printJson(skill);
  else printDocument(skill.text);
}

/** Copies the skills. If a user has changed one of the files, copies nothing, unless `force` is set. */
async function copyTo(folder: string, all: ReturnType<typeof listSkills>, force: boolean): Promise<void> {
  const files = all.map(({ name, text }) => ({ dir: join(folder, name), text }));
  const changed: string[] = [];
  for (const { dir, text } of files) {
    const before = await readText(join(dir, 'SKILL.md')).catch(ifMissing(null));
    if (before !== null && before !== text) changed.push(join(dir, 'SKILL.md'));
  }
  if (changed.length > 0 && !force)
    throw new JobError(
      `${changed.join(' and ')} ${changed.length === 1 ? 'differs' : 'differ'} from the skills of this version.`,
      { fix: 'Overwrite the changed skills with --force.' },
    );
  for (const { dir, text } of files) {
    await makeFolder(dir);
    await writeAtomically(join(dir, 'SKILL.md'), text);
    print(join(dir, 'SKILL.md'));
  }
  note(`Installed ${several(files.length, 'skill')} in ${folder}.`);
}
