import process from 'node:process';
import { createMessageConnection, IPCMessageReader, IPCMessageWriter } from 'vscode-jsonrpc/node';

/** The engine process of one window: started by EngineProcess, ends with the channel to it. */
const connection = createMessageConnection(new IPCMessageReader(process), new IPCMessageWriter(process));
process.on('disconnect', () => { process.exit(); });
connection.listen();
