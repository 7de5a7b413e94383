import { type CommandUnknownOpts as Command, InvalidArgumentError, Option } from 'commander';
import * as z from 'zod';
import { fieldOf, OperationError, type Operation } from '../lab/operations/operation.ts';
import { UsageError } from './errors.ts';
import { refuseBeside } from './no-effect.ts';
import { printJson, printList, printTable, tell } from './print.ts';
import { Progress } from './progress.ts';

type AnyOperation = Operation<z.ZodObject, z.ZodObject>;

/** Returns the fields of an operation that are command options: name, option and schema. */
const optionsOf = ({ input }: Pick<AnyOperation, 'input'>) =>
  Object.entries(input.shape as Record<string, z.ZodType>).flatMap(([name, schema]) => {
    const { flag, description, needs, inner } = fieldOf(schema);
    if (flag === undefined) return [];
    const option = new Option(flag, description);
    const single = inner instanceof z.ZodArray ? inner.element : inner;
    if (single instanceof z.ZodEnum) option.choices(single.options.map(String));
    if (inner instanceof z.ZodNumber)
      option.argParser((text) => {
        const { data, error } = schema.safeParse(/^\d+$/.test(text) ? Number(text) : text);
        if (error) throw new InvalidArgumentError(`${error.issues[0]!.message}.`);
        return data;
      });
    return [{ name, option, needs }];
  });

/** Adds the options of an operation to a command, and `--json`. @param json description of the JSON output */
export function withInput<C extends Command, Input extends z.ZodObject, Output extends z.ZodObject>(
  command: C,
  operation: Operation<Input, Output>,
  json = 'print the record as JSON (docs/reference.md)',
): C {
  for (const { option } of optionsOf(operation)) command.addOption(option);
  command.option('--json', json);
  return command;
}

/** Rejects the options of an operation that a command does not call. @param beside text such as `with a run` */
export const refuseInput = (command: Command, operation: Pick<AnyOperation, 'input'>, beside: string): void =>
  refuseBeside(
    command,
    optionsOf(operation).map(({ option }) => option.attributeName()),
    beside,
  );

/**
 * Calls an operation with the options of a command, and prints its result: the record with `--json`, else its text.
 * @param more inputs without an option, or inputs that replace an option's value
 * @throws UsageError for invalid input
 */
export async function ask<Input extends z.ZodObject, Output extends z.ZodObject>(
  command: Command,
  operation: Operation<Input, Output>,
  roots: readonly string[],
  more: Partial<z.input<Input>> = {},
): Promise<z.output<Output>> {
  const options = optionsOf(operation);
  for (const { option, needs } of options) {
    const opener = options.find(({ name }) => name === needs)?.option;
    if (opener && command.getOptionValueSource(opener.attributeName()) !== 'cli')
      refuseBeside(command, [option.attributeName()], `without ${opener.long}`);
  }
  const given = options.map(({ name, option }) => [
    name,
    command.getOptionValue(option.attributeName()) as unknown,
  ]);
  const input = operation.input.parse({ ...Object.fromEntries(given), ...more });
  const progress = new Progress('Reading:', 'percent');
  const context = {
    roots,
    signal: new AbortController().signal,
    onNote: tell,
    onProgress: (share: number) => progress.update(Math.floor(100 * share)),
  };
  const record = await operation
    .run(input, context)
    .catch(orUsage)
    .finally(() => progress.end());
  const { columns, rows, isNamed } = operation.text(record);
  if (command.getOptionValue('json'))
    for (const line of operation.lines ? (record[operation.lines] as unknown[]) : [record]) printJson(line);
  else if (!isNamed) printList(columns, rows);
  else if (rows.length > 0) printTable(columns, rows);
  return record;
}

/** Rethrows an operation's input error as an error that refers to the command's options. */
export function orUsage(error: unknown): never {
  throw error instanceof OperationError ? new UsageError(pointAt(error)) : error;
}

/** Returns the error message, then the faulty text with a mark below the position of the fault. */
function pointAt({ message, at }: OperationError): string {
  if (!at) return message;
  const start = Math.max(0, Math.min(at.from, at.text.length));
  const marks = '^'.repeat(Math.max(1, Math.min(at.to - at.from, at.text.length - start)));
  return `--${at.field}: ${message}\n  ${at.text}\n  ${' '.repeat(start)}${marks}`;
}
