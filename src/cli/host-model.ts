import { printable } from '../base/printable.ts';
import { Channel, RemoteError, type Api } from '../base/channel.ts';
import type { HostModel } from '../base/chat.ts';
import type { SendRequest } from '../engines/openai/http.ts';
import { EndpointError } from '../engines/openai/error.ts';
import { UsageError } from './errors.ts';

type Host = Pick<HostModel, 'complete'>;

let conversation: Channel<Host> | null = null;

/**
 * Returns the channel to the parent process over Node's IPC. All callers share one channel.
 * @param offers functions that the parent process can call; only the first call's functions are offered
 */
export function hostChannel(offers: Api<Record<string, unknown>> = {}): Channel<Host> {
  if (conversation) return conversation;
  if (!process.send || !process.connected)
    throw new UsageError('"host" requires a program that starts chirality with an IPC channel.');
  const channel = new Channel<Host>(
    {
      // Without a callback, a message to a host that has just exited would end this process with a stack trace.
      post: (message) => process.connected && process.send!(message, undefined, undefined, () => undefined),
      listen: (receive) => process.on('message', receive),
    },
    offers,
  );
  process.once('disconnect', () =>
    channel.close(new EndpointError('unreachable', 'The host program has exited.')),
  );
  return (conversation = channel);
}

export function sendToHost(): SendRequest {
  const channel = hostChannel();
  // Number of calls in progress. Only calls in progress keep the process running.
  let underWay = 0;
  process.channel?.unref();

  return async (request, signal) => {
    if (underWay++ === 0) process.channel?.ref();
    try {
      const answer = await channel.call('complete', request, { signal });
      if ('fault' in answer) throw new EndpointError(answer.fault, printable(answer.message, 300));
      return answer;
    } catch (error) {
      if (error instanceof RemoteError) throw new EndpointError('request', error.message);
      throw error;
    } finally {
      if (--underWay === 0) process.channel?.unref();
    }
  };
}
