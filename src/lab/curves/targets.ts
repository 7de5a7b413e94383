import type { RunConfig } from '../../core/config/run-config.ts';

/** A tool whose own Python package receives the curves. */
interface PythonTarget {
  /** Environment variable with the project's name, as the tool defines it. */
  project: string;
  /** Environment variables for the tool's process. Null removes a variable. */
  env: (sendTo: string | null) => Record<string, string | null>;
  /** Python code that defines `log(step, figures)` and `end(status)` for `about`. */
  script: string;
}

/**
 * Returns a Python program that reads lines and passes their content to the tool. Tools print to stdout, so the line for
 * this program is marked. Without an end message, the run counts as failed.
 */
export const programOf = ({ script }: PythonTarget): string => `
import json, re, sys
about = json.loads(sys.stdin.readline())
${script}
print("\\nchirality: ready", flush=True)
status = "failed"
for line in sys.stdin:
    row = json.loads(line)
    if "figures" in row:
        log(row["step"], row["figures"])
    else:
        status = row["status"]
end(status)
`;

const TRACKIO = `
import trackio
trackio.init(project=about["project"], name=about["name"], config=about["config"],
             resume="allow" if about["resumed"] else "never",
             embed=False, auto_log_gpu=False, auto_log_cpu=False)
def log(step, figures):
    trackio.log(figures, step=step)
def end(status):
    trackio.finish()
`;

// Steps are a separate metric, as in Hugging Face's trainers, because wandb drops values at a step that it already has,
// such as in a resumed run.
const WANDB = `
import glob, os, wandb
made = glob.glob(os.path.join(glob.escape(about["folder"]), "wandb", "*run-*-*"))
settings = wandb.Settings(console="off", silent=True, disable_git=True, disable_code=True, disable_job_creation=True,
                          x_disable_stats=True, x_disable_meta=True, x_save_requirements=False)
run = wandb.init(project=about["project"], name=about["name"], config=about["config"], dir=about["folder"],
                 id=max(made).rsplit("-", 1)[1] if about["resumed"] and made else None,
                 resume="allow" if about["resumed"] else None, settings=settings)
run.define_metric("train/global_step")
run.define_metric("*", step_metric="train/global_step")
def log(step, figures):
    run.log({"train/global_step": step, **figures})
def end(status):
    run.finish(exit_code={"finished": 0, "stopped": 255}.get(status, 1))
`;

// By default, MLflow creates a database that stores artifacts in the working directory.
const MLFLOW = `
import mlflow
from pathlib import Path
folder = Path(about["folder"], "mlflow").absolute()
folder.mkdir(exist_ok=True)
mlflow.set_tracking_uri(about["sendTo"] or "sqlite:///" + (folder / "mlflow.db").as_posix())
if not about["sendTo"] and mlflow.get_experiment_by_name(about["project"]) is None:
    mlflow.create_experiment(about["project"], artifact_location=(folder / "artifacts").as_uri())
mlflow.set_experiment(about["project"])
def name_of(name):
    return re.sub(r"[^\\w. /-]", "_", name)
def flat(value, name=""):
    if isinstance(value, dict):
        return {key: one for part, inner in value.items() for key, one in flat(inner, f"{name}.{part}" if name else part).items()}
    return {name_of(name): str(value)[:500]}
earlier = folder / "run-id"
try:
    run = mlflow.start_run(run_id=earlier.read_text()) if about["resumed"] and earlier.exists() else None
except mlflow.exceptions.MlflowException:
    run = None
if run is None:
    run = mlflow.start_run(run_name=about["name"], log_system_metrics=False)
    mlflow.log_params(flat(about["config"]))
earlier.write_text(run.info.run_id)
def log(step, figures):
    mlflow.log_metrics({name_of(name): value for name, value in figures.items()}, step=step)
def end(status):
    mlflow.end_run({"finished": "FINISHED", "stopped": "KILLED"}.get(status, "FAILED"))
`;

const MLFLOW_KEYS = ['TOKEN', 'USERNAME', 'PASSWORD', 'AUTH', 'AWS_SIGV4'].map(
  (key) => `MLFLOW_TRACKING_${key}`,
);

/** Whether MLFLOW_TRACKING_URI refers to the server that the config sends curves to. */
function isOwnServer(sendTo: string | null): boolean {
  const uri = process.env.MLFLOW_TRACKING_URI ?? '';
  return sendTo !== null && URL.canParse(uri) && new URL(uri).origin === new URL(sendTo).origin;
}

/** Tools that run in a Python process, by package name. */
export const PYTHON_TARGETS = {
  trackio: { project: 'TRACKIO_PROJECT', env: () => ({}), script: TRACKIO },
  wandb: {
    project: 'WANDB_PROJECT',
    env: (sendTo) => ({
      WANDB_MODE: sendTo !== null ? 'online' : 'offline',
      WANDB_ERROR_REPORTING: 'false',
      WANDB_RUN_ID: null,
      WANDB_RESUME: null,
    }),
    script: WANDB,
  },
  mlflow: {
    project: 'MLFLOW_EXPERIMENT_NAME',
    env: (sendTo) => ({
      MLFLOW_DISABLE_TELEMETRY: 'true',
      MLFLOW_RUN_ID: null,
      MLFLOW_EXPERIMENT_ID: null,
      // Sends keys only to the server in the user's environment, never to a server in a config.
      ...(!isOwnServer(sendTo) && Object.fromEntries(MLFLOW_KEYS.map((key) => [key, null]))),
    }),
    script: MLFLOW,
  },
} as const satisfies Record<string, PythonTarget>;
export type PythonTool = keyof typeof PYTHON_TARGETS;

/** A tool, and the server to which the tool sends curves. Null for local storage. */
interface ReportTarget {
  tool: 'tensorboard' | PythonTool;
  sendTo: string | null;
}

/** Returns the tools in a config, without duplicates. A tool sends curves if one of its entries has a server. */
export function reportTargets(report: RunConfig['report_to']): ReportTarget[] {
  const targets = new Map<ReportTarget['tool'], ReportTarget>();
  for (const named of [report ?? []].flat())
    if (typeof named === 'string') targets.set(named, targets.get(named) ?? { tool: named, sendTo: null });
    else
      for (const tool of ['wandb', 'mlflow'] as const)
        if (named[tool] !== undefined) targets.set(tool, { tool, sendTo: named[tool] });
  return [...targets.values()];
}
