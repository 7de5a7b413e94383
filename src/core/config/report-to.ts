import * as z from 'zod';
import { field } from './config-fields.ts';

/** Tools that can show the curves of a run. Each writes files here, and sends nothing. */
const REPORT_TOOLS = ['tensorboard', 'trackio', 'wandb', 'mlflow'] as const;

const Named = z.enum(REPORT_TOOLS);

/** Where the curves are sent, if they are. */
const Sent = z
  .strictObject({
    wandb: field(z.literal('online'), 'Upload to the wandb server that you are logged in to.').optional(),
    mlflow: field(
      z
        .url({ protocol: /^https?$/, error: 'must be an address, for example http://localhost:5000' })
        .refine((url) => !/^\w+:\/*[^/?#]*@/.test(url), {
          error:
            'must not contain a name or password; set MLFLOW_TRACKING_URI, MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD in the environment',
        }),
      'Address of the tracking server to upload to.',
    ).optional(),
  })
  .refine((sent) => Object.keys(sent).length > 0, 'must contain wandb or mlflow');

export const ReportTo = field(
  z.union([Named, Sent, z.array(z.union([Named, Sent])).min(1)]),
  'Tools that receive the curves during training. `tensorboard` writes event files to `tensorboard` in the run folder. `trackio`, `wandb` and `mlflow` require a Python with the package. wandb and MLflow write to the run folder; `{ wandb: online }` and `{ mlflow: http://localhost:5000 }` upload the curves.',
  { paper: 'Not in paper.' },
);
