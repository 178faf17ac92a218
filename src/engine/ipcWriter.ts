import type { Message } from 'vscode-jsonrpc';
import { AbstractMessageWriter } from 'vscode-jsonrpc';

/** Writes messages to the process that forked this one. Unlike vscode-jsonrpc's own, a write is done only when the message has left. */
export class IpcWriter extends AbstractMessageWriter {
  /** @throws Error when the channel is closed */
  write(message: Message): Promise<void> {
    return new Promise((resolve, reject) => {
      if (process.send === undefined) {
        reject(new Error('there is no channel to a parent process'));
        return;
      }
      process.send(message, undefined, undefined, (error) => {
        if (error === null) resolve();
        else reject(error);
      });
    });
  }

  end(): void {
    // The channel is closed by the parent.
  }
}
