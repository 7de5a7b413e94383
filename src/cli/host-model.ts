import { printable } from '../core/printable.ts';
import { Cancelled, Channel, RemoteError } from '../core/protocol/channel.ts';
import type { HostModel } from '../core/protocol/host-model.ts';
import type { Ask } from '../engines/openai/chat.ts';
import { EndpointError } from '../engines/openai/error.ts';
import { UsageError } from './errors.ts';

/** Asks the program that started this one, over the channel that Node's child processes have. */
export function hostAsk(): Ask {
  if (!process.send || !process.connected)
    throw new UsageError('"host" works only for a program that starts chirality with an IPC channel.');
  const channel = new Channel<Pick<HostModel, 'complete'>>(
    {
      post: (message) => process.send!(message),
      listen: (receive) => process.on('message', receive),
    },
    {},
  );
  process.once('disconnect', () => {
    channel.close(new EndpointError('unreachable', 'The program that answers has gone.'));
  });
  // Only a call under way keeps this process alive.
  let underWay = 0;
  process.channel?.unref();

  return async (request, signal) => {
    if (underWay++ === 0) process.channel?.ref();
    try {
      const answer = await channel.call('complete', request, {
        onCancel: (cancel) => {
          signal.addEventListener('abort', cancel, { once: true });
        },
      });
      if ('fault' in answer) throw new EndpointError(answer.fault, printable(answer.message, 300));
      return answer;
    } catch (error) {
      if (error instanceof Cancelled) signal.throwIfAborted();
      if (error instanceof RemoteError) throw new EndpointError('request', error.message);
      throw error;
    } finally {
      if (--underWay === 0) process.channel?.unref();
    }
  };
}
