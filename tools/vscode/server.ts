import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { installServer } from './installServer.ts';
import { processGroup, type RunningProcess } from './processGroup.ts';
import { runTool } from './runTool.ts';

export interface ServerOptions {
  /** A packaged extension to install. */
  readonly vsix?: string;
  /** Folders ask for trust, as they do for everybody; left out, all are trusted. */
  readonly askForTrust?: boolean;
  /** Modal dialogs are shown, as they are to people; left out, VS Code refuses them, as its driver for tests does. */
  readonly dialogs?: boolean;
  /** User settings beyond those that keep the window quiet. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Environment of the extension host beyond this process' own. */
  readonly env?: Readonly<Record<string, string>>;
  readonly port?: number;
}

/** What to show in a window. */
export interface WindowOptions {
  readonly folder: string;
  /** Absolute paths. */
  readonly open?: readonly string[];
  /** Folder of an extension under development. */
  readonly extension?: string;
  /** A module whose `run()` is called in the extension host. */
  readonly tests?: string;
}

/** VS Code's server on this machine: its windows are pages of a browser, its extension host is a Node like any other. */
export interface VscodeServer {
  readonly port: number;
  /** Folder of settings, extensions and logs; gone after `stop`. */
  readonly profile: string;
  url(window: WindowOptions): string;
  /** Processes that run beside VS Code's own: those of the extension. */
  strangers(): Promise<RunningProcess[]>;
  /**
   * End VS Code the hard way, as a crash or a closed lid would, and wait for what the extension has started to end by itself.
   * @throws Error naming what was left (and has now been killed)
   */
  stop(): Promise<void>;
}

const quiet = {
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'window.commandCenter': false,
  'telemetry.telemetryLevel': 'off',
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'chat.disableAIFeatures': true,
  'chat.commandCenter.enabled': false,
  'git.enabled': false,
  'remote.autoForwardPorts': false, // it looks for ports by running programs every few seconds
};

/** Start a server with a profile of its own, and wait until it answers. */
export async function startServer(options: ServerOptions = {}): Promise<VscodeServer> {
  const installed = await installServer();
  const profile = await mkdtemp(join(tmpdir(), 'dmi-vscode-'));
  const main = [join(installed, 'out', 'server-main.js'), '--server-data-dir', join(profile, 'server'), '--user-data-dir', profile, '--extensions-dir', join(profile, 'extensions')];
  await mkdir(join(profile, 'User'), { recursive: true });
  const trust = options.askForTrust === true ? { 'security.workspace.trust.enabled': true, 'security.workspace.trust.startupPrompt': 'never' } : { 'security.workspace.trust.enabled': false };
  await writeFile(join(profile, 'User', 'settings.json'), JSON.stringify({ ...quiet, ...trust, ...options.settings }));
  if (options.vsix !== undefined) await runTool(process.execPath, [...main, '--install-extension', options.vsix], profile);

  const child = spawn(process.execPath, [
    ...main, '--host', '127.0.0.1', '--port', String(options.port ?? 0), '--without-connection-token', '--accept-server-license-terms', '--disable-telemetry',
    ...(options.dialogs === true ? [] : ['--enable-smoke-test-driver']), ...(options.askForTrust === true ? [] : ['--disable-workspace-trust']),
  ], { detached: true, stdio: ['ignore', 'pipe', 'pipe'], env: { ...ownEnvironment(), EXTENSIONS_GALLERY: '{"serviceUrl":""}', ...options.env } });
  const group = child.pid;
  if (group === undefined) throw new Error('VS Code\'s server did not start');

  const port = await listening(child);
  const remote = `vscode-remote://127.0.0.1:${port}`;
  const strangers = async () => (await processGroup(group)).filter(({ command }) => !command.includes(installed));
  return {
    port,
    profile,
    url: ({ folder, open = [], extension, tests }) => {
      const payload = [
        ...open.map((file) => ['openFile', remote + file]),
        ...(extension === undefined ? [] : [['extensionDevelopmentPath', remote + extension]]),
        ...(tests === undefined ? [] : [['extensionTestsPath', remote + tests]]),
      ];
      return `http://127.0.0.1:${port}/?${new URLSearchParams({ folder, payload: JSON.stringify(payload) }).toString()}`;
    },
    strangers,
    async stop() {
      const own = (await processGroup(group)).filter(({ command }) => command.includes(installed));
      for (const { pid } of own) kill(pid);
      const left = await endOf(strangers);
      kill(-group);
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
      if (left.length > 0) throw new Error(`left running after VS Code had ended:\n${left.map(({ pid, command }) => `  ${pid} ${command}`).join('\n')}`);
    },
  };
}

/** Without what another VS Code, or npm, has told this process. */
function ownEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(VSCODE_|ELECTRON_|npm_|NODE_OPTIONS$|VITEST)/.test(name)));
}

/** @returns the port that the server has found free */
async function listening({ stdout, stderr, exitCode }: ReturnType<typeof spawn>): Promise<number> {
  let output = '';
  return new Promise((resolve, reject) => {
    const read = (text: string) => {
      output += text;
      const port = /Extension host agent listening on (\d+)/.exec(output)?.[1];
      if (port !== undefined) resolve(Number(port));
    };
    stdout?.setEncoding('utf8').on('data', read).on('end', () => { reject(new Error(`VS Code's server ended (${exitCode ?? 'signal'}): ${output.slice(-2000)}`)); });
    stderr?.setEncoding('utf8').on('data', read);
  });
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // has ended by itself
  }
}

/** @returns those that have not ended after five seconds */
async function endOf(running: () => Promise<RunningProcess[]>): Promise<RunningProcess[]> {
  const deadline = Date.now() + 5_000;
  let left = await running();
  while (left.length > 0 && Date.now() < deadline) {
    await pause(50);
    left = await running();
  }
  return left;
}
