/** A folder that ms-swift makes for each start of a run, and names after the time. */
const START = /^v\d+-\d{8}-\d{6}$/;

/**
 * The name of a run by its folder, or by the path that stands for a run in a database of trackio: the same in lists,
 * titles and charts. The folder of one start of a run is named together with that of the run.
 */
export function runName(dir: string): string {
  const [above = '', name = ''] = dir.split(/[/\\]/).slice(-2);
  if (above.endsWith('.db')) return decoded(name);
  return START.test(name) ? `${above}/${name}` : name;
}

/** Names in databases may contain slashes, so paths have them encoded. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
