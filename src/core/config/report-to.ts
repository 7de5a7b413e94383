import * as z from 'zod';
import { field } from './config-fields.ts';

/** Tools that can show the curves of a run. Each writes files here, and sends nothing. */
const REPORT_TOOLS = ['tensorboard', 'trackio', 'wandb', 'mlflow'] as const;

const Named = z.enum(REPORT_TOOLS);

/** Where the curves are sent, if they are. */
const Sent = z
  .strictObject({
    wandb: field(
      z.literal('online'),
      'Send the run to the server of wandb that you are logged in to.',
    ).optional(),
    mlflow: field(
      z
        .url({ protocol: /^https?$/, error: 'must be an address such as http://localhost:5000' })
        .refine((url) => !/^\w+:\/*[^/?#]*@/.test(url), {
          error:
            'must not hold a name or password; set MLFLOW_TRACKING_URI, MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD in the environment',
        }),
      'Send the run to this tracking server.',
    ).optional(),
  })
  .refine((sent) => Object.keys(sent).length > 0, 'must name wandb or mlflow');

export const ReportTo = field(
  z.union([Named, Sent, z.array(z.union([Named, Sent])).min(1)]),
  'Also write the curves for these tools while the run trains. `tensorboard`: event files in the run’s folder `tensorboard`. `trackio`, `wandb`, `mlflow`: by the tool itself, through a Python that has it. wandb and MLflow write into the run’s folder; `{ wandb: online }` and `{ mlflow: http://localhost:5000 }` send the curves.',
  { paper: 'Not in paper.' },
);
