/** The variable that holds the key for any endpoint, and the one that only OpenAI's own servers get to see. */
const OURS = 'CHIRALITY_API_KEY';
const OPENAI = 'OPENAI_API_KEY';

/**
 * The key for an endpoint, from the environment alone; undefined where there is none, as most local servers want none.
 * @param name the variable that a person chose.
 * @throws where that variable is empty, or the key cannot be sent.
 */
export function keyFor(baseUrl: string, env: NodeJS.ProcessEnv, name?: string): string | undefined {
  const openai = new URL(baseUrl).hostname === 'api.openai.com';
  const chosen = name ?? (env[OURS] || !openai ? OURS : OPENAI);
  const key = env[chosen]?.trim();
  if (!key) {
    if (name !== undefined) throw new Error(`The environment has no ${name}.`);
    return undefined;
  }
  if (!/^[\x21-\x7e]+$/.test(key)) throw new Error(`${chosen} is no key: it has characters that no key has.`);
  return key;
}
