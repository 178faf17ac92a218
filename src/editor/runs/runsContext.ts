import type { TreeView } from 'vscode';
import type { Services } from '../services.ts';
import type { RunNode } from './runNode.ts';
import type { WorkspaceContent } from './workspaceContent.ts';

/** What the commands about stored runs work with. */
export interface RunsContext {
  readonly services: Services;
  readonly content: WorkspaceContent;
  /** Folder of the model that the extension brings. */
  readonly builtinModel: string;
  readonly view: TreeView<RunNode>;
}
