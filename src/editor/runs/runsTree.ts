import { env, l10n, type EventEmitter, type TreeItem } from 'vscode';
import type { Services } from '../services.ts';
import type { RunNode } from './runNode.ts';
import { RunRows, type RowSources } from './runRows.ts';
import type { Speech } from './runTexts.ts';
import { runTooltip } from './runTooltip.ts';
import { treeItem } from './treeItem.ts';

/** Brings the rows into the view. */
export class RunsTree {
  readonly #queue: Services['queue'];
  readonly #rows: RunRows;
  readonly #changed: EventEmitter<RunNode | undefined>;

  /** @param changed is told which row is to be drawn anew; undefined: all */
  constructor(queue: Services['queue'], sources: RowSources, changed: EventEmitter<RunNode | undefined>) {
    this.#queue = queue;
    this.#changed = changed;
    this.#rows = new RunRows(sources);
  }

  /** Draw everything anew. */
  refresh(): void {
    this.#changed.fire(undefined);
  }

  /** Draw the row of one spec anew. @param file its absolute path */
  refreshSpec(file: string): void {
    const node = this.#rows.specAt(file);
    if (node !== undefined) this.#changed.fire(node);
  }

  /** Show another page of runs. */
  showMore(): void {
    this.#rows.showMore();
    this.refresh();
  }

  getTreeItem(node: RunNode): TreeItem | Promise<TreeItem> {
    return treeItem(node, this.#queue, speech());
  }

  /** Pictures are read once somebody points at their row. */
  async resolveTreeItem(item: TreeItem, node: RunNode): Promise<TreeItem> {
    if (node.kind === 'run') item.tooltip = await runTooltip(node.run, speech());
    return item;
  }

  getChildren(node?: RunNode): Promise<RunNode[]> {
    return this.#rows.below(node);
  }
}

function speech(): Speech {
  return { t: l10n.t, language: env.language, now: Date.now() };
}
