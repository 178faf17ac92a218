import { join, resolve } from 'node:path';
import { byteSize } from '../base/byteSize.ts';
import { CancelledError } from '../base/errors.ts';
import type { HubClient } from '../hub/hubClient.ts';
import { checkRevision, nameOf, parseHubId } from '../hub/hubId.ts';
import { openHub } from '../hub/openHub.ts';
import { planPull, type PullPlan } from '../hub/planPull.ts';
import { pull, pulledBefore } from '../hub/pull.ts';
import { holdsPlan, realTarget } from '../hub/pullTarget.ts';
import { defaultFolder, folderName, useInSpec } from '../hub/useInSpec.ts';
import type { Command, Options, Terminal } from './command.ts';
import { createProgress } from './progress.ts';
import { readArguments, UsageError } from './readArguments.ts';

const options = {
  revision: { type: 'string', value: 'R', summary: 'branch, tag or commit (default main)' },
  to: { type: 'string', value: 'FOLDER', summary: 'folder to make (default models/<name> or saes/<name>)' },
  include: { type: 'string', value: 'GLOBS', summary: 'look only at these paths of the repository: "a/**,b/*.pt"' },
  exclude: { type: 'string', value: 'GLOBS', summary: 'pass these paths over' },
  yes: { type: 'boolean', short: 'y', summary: 'do not ask before downloading' },
  json: { type: 'boolean', summary: 'print a JSON object: id, commit, kind, folder, bytes, files, downloaded, spec' },
} satisfies Options;

/** `dmi pull`: a pipeline or SAEs from a hub. */
export const command: Command = {
  name: 'pull',
  usage: '<hub id>',
  summary: 'download a pipeline or SAEs from a Hugging Face hub: only what is needed, checked, after asking',
  options,
  async run(args, terminal) {
    const { values, positionals: [named] } = readArguments(args, options);
    const hub = await openHub(process.env);
    const { id, revision, folder } = parseHubId(named, hub.endpoint);
    const asked = values.revision === undefined ? revision : checkRevision(values.revision, hub.endpoint);
    const plan = await planPull(hub, { id, ...(asked !== undefined && { revision: asked }), ...(folder !== undefined && { folder }), ...pick(values) }, terminal.signal);
    const target = await realTarget(values.to ?? join(defaultFolder(plan.kind), folderName(plan)));
    const there = await holdsPlan(target, plan, terminal.signal);
    if (!there) {
      const before = await pulledBefore(plan, target);
      terminal.err(describe(plan, target, before, hub));
      if (values.yes !== true) await confirm(terminal, byteSize(plan.bytes - before, 'en'));
      await download(hub, plan, target, terminal);
    }
    const spec = useInSpec(plan, target, resolve('.'));
    if (values.json === true) {
      terminal.out(`${JSON.stringify({ id, commit: plan.commit, kind: plan.kind, folder: target, bytes: plan.bytes, files: plan.files.length, downloaded: !there, spec })}\n`);
    } else {
      terminal.out(`${there ? 'already there, every checksum right' : 'complete, every checksum right'}: ${target}\nin a spec: ${JSON.stringify(spec).slice(1, -1)}\n`);
    }
    return 0;
  },
};

/** Flags that were given. */
function pick({ include, exclude }: { include?: string; exclude?: string }): { include?: string; exclude?: string } {
  return { ...(include !== undefined && { include }), ...(exclude !== undefined && { exclude }) };
}

/** What will be fetched, by folder. */
function describe({ id, revision, commit, kind, files, bytes }: PullPlan, target: string, before: number, hub: HubClient): string {
  const folders = new Map<string, number>();
  for (const { to, size } of files) {
    const folder = to.includes('/') ? to.slice(0, to.lastIndexOf('/')) : '(top)';
    folders.set(folder, (folders.get(folder) ?? 0) + size);
  }
  const shown = [...folders].sort(([, a], [, b]) => b - a);
  const width = Math.max(...shown.map(([folder]) => folder.length));
  return [
    `${id}, ${revision} (${commit.slice(0, 12)}), from ${hub.endpoint.host}${hub.tokenFrom === undefined ? '' : `, with the token of ${hub.tokenFrom}`}`,
    `${kind === 'pipeline' ? 'pipeline' : 'SAEs'}, ${files.length} files, ${byteSize(bytes, 'en')}${before > 0 ? `, of which ${byteSize(before, 'en')} are here already` : ''}`,
    ...shown.slice(0, 12).map(([folder, size]) => `  ${folder.padEnd(width)}  ${byteSize(size, 'en')}`),
    ...(shown.length > 12 ? [`  and ${shown.length - 12} more folders`] : []),
    `into ${target}`, '',
  ].join('\n');
}

async function confirm(terminal: Terminal, size: string): Promise<void> {
  if (terminal.ask === undefined) throw new UsageError('nobody is there to confirm the download; add --yes');
  if (!/^y(?:es)?$/i.test((await terminal.ask(`Download ${size}? [y/N] `)).trim())) throw new CancelledError('nothing was downloaded');
}

async function download(hub: HubClient, plan: PullPlan, target: string, terminal: Terminal): Promise<void> {
  const progress = createProgress(terminal);
  try {
    await pull(hub, plan, target, {
      signal: terminal.signal,
      onProgress: (loaded) => { progress.update(`${nameOf(plan.id)}, MB`, Math.round(loaded / 1e5) / 10, Math.round(plan.bytes / 1e5) / 10); },
    });
  } catch (error) {
    if (error instanceof CancelledError) throw new CancelledError(`cancelled; what was loaded is kept in ${target}.partial, and the same command goes on there`);
    throw error;
  } finally {
    progress.end();
  }
}
