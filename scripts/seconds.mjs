import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';

/** A reporter of vitest: how many seconds each file takes with its imports and hooks, as JSON in `CHIRALITY_SECONDS`. */
export default class Seconds {
  seconds = {};

  onTestModuleEnd(file) {
    const { prepareDuration, environmentSetupDuration, setupDuration, collectDuration, duration } =
      file.diagnostic();
    this.seconds[relative('.', file.moduleId)] =
      (prepareDuration + environmentSetupDuration + setupDuration + collectDuration + duration) / 1000;
  }

  onTestRunEnd() {
    writeFileSync(process.env.CHIRALITY_SECONDS, JSON.stringify(this.seconds));
  }
}
