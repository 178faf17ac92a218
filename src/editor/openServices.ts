import type { Host, Services } from './services.ts';
import { createWorkspaceRuns } from './runs/workspaceRuns.ts';
import { createSpecDocuments } from './specs/specDocuments.ts';

/** What the editor's parts share beyond the host; both watch the workspace from now on. */
export function openServices({ context, log, queue, report }: Omit<Host, 'services'>): Services & { dispose(): void } {
  const specs = createSpecDocuments();
  const runs = createWorkspaceRuns(queue, context.workspaceState);
  return {
    context, log, queue, report, specs, runs,
    dispose() {
      specs.dispose();
      runs.dispose();
    },
  };
}
