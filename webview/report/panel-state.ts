import type { Channel } from '../../src/core/protocol/channel.ts';
import type { ReportAnswer, ReportChoices, ReportHost } from '../../src/core/protocol/report-panel.ts';
import type { ReportDocument } from '../../src/core/reports/document.ts';

/** The actions available to the parts of the page. */
export interface Actions {
  host: Channel<ReportHost>;
  choose: (change: Partial<ReportChoices>) => void;
}

/** The whole report, with the comparison first. */
export const documentOf = ({ document, comparison }: ReportAnswer): ReportDocument => ({
  ...document,
  sections: [...(comparison ? [comparison.section] : []), ...document.sections],
});
