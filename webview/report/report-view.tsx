import { Fragment, type ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { ReportState } from '../../src/panels/report/report.contract.ts';
import type { ReportDocument } from '../../src/core/reports/document.ts';
import { PAIRED_TEST } from '../../src/base/labels.ts';
import { Cited } from '../ui/cited.tsx';
import { Button, ProgressRing } from '../ui/controls.tsx';
import { Boundary, Message, Problem } from '../ui/message-line.tsx';
import { Scrolls } from '../ui/parts.tsx';
import { documentOf, ExportTools, SetMap, Toolbar, type Actions } from './report-toolbar.tsx';
import { SectionView } from './section.tsx';
import { Rows } from './report-rows.tsx';

interface ReportViewProps {
  state: ReportState;
  actions: Actions;
  /** Error that the page shows next to the report; null without an error. */
  problem: string | null;
}

export function ReportView({ state, actions, problem }: ReportViewProps) {
  if (state.kind === 'reading') {
    return (
      <Message title="Report">
        <p id="reading">Reading evaluations…</p>
        <ProgressRing label="Reading" />
      </Message>
    );
  }
  if (state.kind === 'failed')
    return <Message title="Cannot create the report" text={state.why} role="alert" />;
  if (state.kind === 'sweep') {
    const { document } = state;
    const { host } = actions;
    return (
      <>
        <header>
          <ExportTools document={document} host={host} />
        </header>
        <Columns document={document}>
          <h1>{document.title}</h1>
          <Lead document={document} />
          <Boundary shown={document}>
            {document.sections.map((section) => (
              <SectionView key={section.id} section={section} evaluations={[]} host={host} />
            ))}
          </Boundary>
        </Columns>
      </>
    );
  }
  const { answer, choices } = state;
  const document = documentOf(answer);
  const { title, sections } = document;
  return (
    <>
      <Toolbar answer={answer} choices={choices} runs={state.runs} actions={actions} />
      <Columns document={document}>
        <h1>{title}</h1>
        {answer.evaluations.length === 0 ? (
          <Nothing ofOthers={answer.ofOthers} actions={actions} />
        ) : (
          <Lead document={document} />
        )}
        <Problem why={problem} />
        {answer.problems.map((each) => (
          <Problem key={each} why={each} />
        ))}
        <InSight chosen={JSON.stringify(answer.compare)} />
        <Boundary shown={answer}>
          {sections.map((section) => (
            <SectionView
              key={section.id}
              section={section}
              evaluations={answer.evaluations}
              host={actions.host}
            >
              {section.id === 'published' && <SetMap answer={answer} choices={choices} actions={actions} />}
              {section.id === 'compare' && answer.comparison && answer.compare && (
                <Rows
                  key={JSON.stringify(answer.compare)}
                  comparison={answer.comparison}
                  compare={answer.compare}
                  host={actions.host}
                />
              )}
            </SectionView>
          ))}
        </Boundary>
      </Columns>
    </>
  );
}

const Lead = ({ document }: { document: ReportDocument }) => (
  <>
    {document.lead.map((text, i) => (
      <p key={text} class={i === 0 ? 'finding' : 'quiet'}>
        {text.split(PAIRED_TEST).map((part, p) => (
          <Fragment key={p}>
            {p > 0 && <SectionLink id="compare" title={PAIRED_TEST} />}
            <Cited text={part} />
          </Fragment>
        ))}
      </p>
    ))}
  </>
);

const Columns = ({
  document: { sections },
  children,
}: {
  document: ReportDocument;
  children: ComponentChildren;
}) => (
  <div class="columns">
    <nav aria-label="Sections">
      <ul>
        {sections.map(({ id, title }) => (
          <li key={id}>
            <SectionLink id={id} title={title} />
          </li>
        ))}
      </ul>
    </nav>
    <Scrolls as="main" aria-label="Report">
      {children}
    </Scrolls>
  </div>
);

const SectionLink = ({ id, title }: { id: string; title: string }) => (
  <a
    href={`#${id}`}
    onClick={(event) => {
      event.preventDefault();
      const heading = document.getElementById(`${id}-title`);
      scrollTo(heading);
      heading?.focus({ preventScroll: true });
    }}
  >
    {title}
  </a>
);

/** Scrolls only the column that contains the heading, because `scrollIntoView` would also move the whole panel. */
function scrollTo(heading: HTMLElement | null): void {
  const column = heading?.closest('main');
  if (!heading || !column) return;
  column.scrollTop += heading.getBoundingClientRect().top - column.getBoundingClientRect().top - 8;
}

/** Brings the comparison in sight after the user has chosen other evaluations. The dropdown keeps the focus. */
function InSight({ chosen }: { chosen: string | undefined }) {
  const last = useRef(chosen);
  useEffect(() => {
    if (last.current !== chosen) scrollTo(document.getElementById('compare-title'));
    last.current = chosen;
  }, [chosen]);
  return null;
}

/** Content if there are no evaluations: the next steps. Only Chirality runs have checkpoints to evaluate. */
function Nothing({ ofOthers, actions: { host } }: { ofOthers: boolean; actions: Actions }) {
  if (ofOthers)
    return (
      <div class="message nothing">
        <h2>External runs have no evaluations</h2>
        <p>
          The Traces panel contains the answers of external runs during training. To test whether a model
          guesses, serve the model behind an endpoint, add the endpoint in the Playground, and ask mirrored
          questions. Published results are listed below.
        </p>
        <div class="tools">
          <Button onClick={() => host.notify('showTraces', null)}>Open Traces</Button>
          <Button onClick={() => host.notify('ask', null)}>Open Playground</Button>
        </div>
      </div>
    );
  return (
    <div class="message nothing">
      <h2>No evaluations yet</h2>
      <p>
        Evaluate a checkpoint of a run. Results appear in this report after the evaluation. Published results
        are listed below. To evaluate a model behind an endpoint, run <code>chirality eval --endpoint</code>
      </p>
      <Button onClick={() => host.notify('evaluate', null)}>Evaluate Checkpoint…</Button>
    </div>
  );
}
