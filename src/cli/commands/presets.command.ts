import type { Command } from 'commander';
import { editorJsonSchema } from '../../core/config/editor/schema.ts';
import { listPresets, readPreset } from '../../lab/library.ts';
import { namesHint } from '../../base/problem.ts';
import { UsageError } from '../errors.ts';
import { printDocument, printJson, printNamed } from '../print.ts';

export function addPresetsCommand(program: Command): void {
  program
    .command('presets')
    .argument('[name]', 'preset to print')
    .description('List the presets for run configs, or print one.')
    .option('--json', 'print a JSON list, or the named preset as {name, text}')
    .option('--schema', 'print the JSON Schema of run configs, for editors')
    .addHelpText(
      'after',
      '\nExamples:\n  chirality presets\n  chirality presets svqa-r1 > mine.run.yaml\n  chirality presets --schema > run.schema.json',
    )
    .action(async (name: string | undefined, { json, schema }: { json?: boolean; schema?: boolean }) => {
      if (schema) {
        printJson(editorJsonSchema('run'), { indent: 1 });
      } else if (name !== undefined) {
        const text = readPreset(name);
        if (text === null)
          throw new UsageError(`Preset "${name}" does not exist.`, {
            fix: namesHint(name, 'Presets', readPreset.names()),
          });
        if (json) printJson({ name, text });
        else printDocument(text);
      } else if (json) {
        printJson(await (await import('./presets.action.ts')).describedPresets());
      } else {
        printNamed(listPresets());
      }
    });
}
