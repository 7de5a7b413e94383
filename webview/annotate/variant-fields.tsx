import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Task } from '../../src/core/answers/score.ts';
import type { FieldChange } from '../../src/core/annotation/edit-json.ts';
import { textChanges } from './sample-changes.ts';
import type { Sample } from '../../src/rows/sample/sample.ts';
import { isUnwritten } from '../../src/rows/sample/variant.ts';
import { viewOf, type VariantName } from '../../src/rows/view-list.ts';
import { inEnglish } from '../../src/core/worlds/questions/in-english.ts';
import { wordDiff } from '../../src/base/word-diff.ts';
import { ChangedLegend, MarkedText } from '../ui/untrusted-text.tsx';
import { Entry, Field, InEnglish, problemsOf } from './field.tsx';
import { nameOf, type Usable } from './annotate-panel-state.ts';
import { usePage } from './annotate-model.ts';

const TASKS: readonly Task[] = [
  'format',
  'distance',
  'area',
  'yesno',
  'mcq',
  'count',
  'bbox',
  'point',
  'open',
];

const headOf = (view: VariantName) => viewOf(view).label;

const OPTIONAL = { reasoning: 'Reasoning', choices: 'Choices', task: 'Task', tags: 'Tags', notes: 'Notes' };
type Optional = keyof typeof OPTIONAL;

/**
 * Texts of a row next to the texts of its variant, then the fields that both share. Optional fields appear if the row
 * has them; an emptied field remains until another row is shown.
 */
export function Fields({ usable }: { usable: Usable }) {
  const { panel, readOnly, actions } = usePage();
  const { sample, variant } = usable;
  const { problems } = panel.open!.row;
  const [added, setAdded] = useState<Optional | null>(null);
  const shown = useRef(new Set<Optional>()).current;
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (added) box.current!.querySelector<HTMLElement>(`[data-field=${added}] :is(input, textarea)`)?.focus();
  }, [added]);
  // Without the focus, typed letters would act as keys of the editor.
  useLayoutEffect(() => {
    if (panel.editingVariant) box.current!.querySelector<HTMLElement>('[data-view] textarea')?.focus();
  }, [panel.editingVariant]);
  const filled: Record<Optional, boolean> = {
    reasoning: Boolean(sample.reasoning || variant.reasoning),
    choices: Boolean(sample.choices?.length) || problemsOf(problems, 'choices').length > 0,
    task: sample.task !== undefined || problemsOf(problems, 'task').length > 0,
    tags: tagsOf(sample).length > 0,
    notes: Boolean(sample.meta?.notes),
  };
  const names = Object.keys(OPTIONAL) as Optional[];
  for (const name of names) if (filled[name]) shown.add(name);
  const lacking = names.filter((name) => !shown.has(name));
  const change = (path: FieldChange['path'], value: unknown, label: string, typing?: boolean) =>
    actions.change([{ path, value }], label, typing);
  const optional = (name: Optional, field: ComponentChildren) =>
    shown.has(name) && <div data-field={name}>{field}</div>;
  return (
    <div class="fields-of-row" ref={box}>
      <Text usable={usable} name="question" label="Question" />
      <Text usable={usable} name="answer" label="Answer" />
      {optional('reasoning', <Text usable={usable} name="reasoning" label="Reasoning" />)}
      {optional(
        'choices',
        <Field
          label="Choices, one per line"
          problems={problemsOf(problems, 'choices', 'task')}
          value={(sample.choices ?? []).join('\n')}
          onType={(value) => {
            const choices = value.split('\n').filter((line) => line.trim() !== '');
            change(['choices'], choices.length > 0 ? choices : undefined, 'Edit choices', true);
          }}
        />,
      )}
      <div class="pair">
        {shown.has('task') && (
          <label class="field stack" data-field="task">
            <span>Task</span>
            <Entry
              list="tasks"
              value={sample.task ?? ''}
              placeholder="inferred"
              onDone={(task) => change(['task'], task.trim() || undefined, 'Edit task')}
            />
            <datalist id="tasks">
              {TASKS.map((task) => (
                <option value={task} />
              ))}
            </datalist>
          </label>
        )}
        {shown.has('tags') && (
          <label class="field stack" data-field="tags">
            <span>Tags, separated by commas</span>
            <Entry
              value={tagsOf(sample).join(', ')}
              onDone={(text) => {
                const tags = text.split(',').flatMap((tag) => tag.trim() || []);
                change(['meta', 'tags'], tags.length > 0 ? tags : undefined, 'Edit tags');
              }}
            />
          </label>
        )}
      </div>
      {optional(
        'notes',
        <Field
          label="Notes"
          value={typeof sample.meta?.notes === 'string' ? sample.meta.notes : ''}
          onType={(value) => change(['meta', 'notes'], value || undefined, 'Edit notes', true)}
        />,
      )}
      {lacking.length > 0 && !readOnly && (
        <p class="quiet">
          Add{' '}
          {lacking.map((name) => (
            <button
              type="button"
              class="link"
              onClick={() => {
                shown.add(name);
                setAdded(name);
              }}
            >
              {OPTIONAL[name].toLowerCase()}
            </button>
          ))}
        </p>
      )}
    </div>
  );
}

interface TextProps {
  usable: Usable;
  name: 'question' | 'answer' | 'reasoning';
  label: string;
}

/** Text of the row next to the same text of its variant, which is editable if the variant is editable. */
function Text({ usable, name, label }: TextProps) {
  const { panel, readOnly, actions } = usePage();
  const { sample, view, variant } = usable;
  const original = sample[name] ?? '';
  const beside = variant[name] ?? original;
  const parts = wordDiff(original, beside).after;
  const ofAnswer = wordDiff(sample.answer, variant.answer ?? sample.answer).after;
  return (
    <div class="pair">
      <Field
        label={label}
        id={`field-${name}`}
        passed={panel.editingVariant && !readOnly}
        problems={problemsOf(panel.open!.row.problems, name)}
        value={original}
        onType={(text) => {
          // The reasoning is optional, but question and answer are required.
          const value = text === '' && name === 'reasoning' ? undefined : text;
          actions.change([{ path: [name], value }], `Edit ${name}`, true);
        }}
        english={inEnglish(original)}
      />
      <div class="field stack" data-view={panel.variant}>
        {panel.editingVariant && !readOnly ? (
          <Field
            label={`${label}, ${headOf(view).toLowerCase()}`}
            value={beside}
            onType={(value) =>
              actions.change(
                textChanges(usable, { [name]: value }, actions.who()),
                `Edit ${nameOf(view)}`,
                true,
              )
            }
            english={inEnglish(beside)}
          />
        ) : (
          <>
            <span class="flow">
              {headOf(view)} {name === 'question' && <ChangedLegend parts={[...parts, ...ofAnswer]} />}
            </span>
            {original && isUnwritten(sample, view, variant) ? (
              <p class="quiet">No text yet</p>
            ) : (
              <MarkedText parts={parts} />
            )}
            <InEnglish text={inEnglish(beside)} question={beside} />
          </>
        )}
      </div>
    </div>
  );
}

const tagsOf = ({ meta }: Sample): string[] =>
  Array.isArray(meta?.tags) ? meta.tags.filter((tag) => typeof tag === 'string') : [];
