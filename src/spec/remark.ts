import { findNodeAtLocation, type Node } from 'jsonc-parser';
import { english, phrase, type Phrase } from '../base/phrase.ts';
import type { Fix } from './fix.ts';
import type { JsonPath } from './jsonPath.ts';

/** What kind of fault a remark is about; stable, so that tools and tests can tell them apart. */
export type RemarkCode =
  | 'window-order' | 'window-empty' | 'step-beyond' | 'region-empty' | 'bounds-empty' | 'range-empty'
  | 'no-effect' | 'no-region' | 'no-branch' | 'unknown-experiment' | 'unknown-pointer' | 'variant' | 'too-many-variants'
  | 'unknown-site' | 'unknown-concept' | 'unknown-label' | 'unknown-noun' | 'untrained-branch' | 'no-judge' | 'no-sae' | 'no-sites' | 'no-sidecar' | 'unknown-file' | 'unreadable';

/** Something that a schema cannot say about one value of a spec. */
export interface Remark {
  readonly code: RemarkCode;
  /** A warning does not keep the spec from running. */
  readonly severity: 'error' | 'warning';
  readonly node: Node;
  readonly path: JsonPath;
  readonly message: Phrase;
  /** The next step, as an imperative sentence. */
  readonly remedy: Phrase;
  readonly fixes: readonly Fix[];
}

/** A remark about the value at `path`, its node to be found there. */
export type NewRemark = Pick<Remark, 'code' | 'path' | 'message' | 'remedy'> & Partial<Pick<Remark, 'severity' | 'fixes'>>;

/** More remarks than this help nobody. */
const mostRemarks = 100;

/** Remarks about the values of one tree. */
export class Remarks {
  readonly list: Remark[] = [];
  readonly #root: Node;

  constructor(root: Node) {
    this.#root = root;
  }

  /** The node at a path. */
  at(path: JsonPath): Node | undefined {
    return findNodeAtLocation(this.#root, [...path]);
  }

  /** An error where nothing else is said. */
  add({ severity = 'error', fixes = [], ...rest }: NewRemark): void {
    this.push({ ...rest, severity, fixes, node: this.at(rest.path) ?? this.#root });
  }

  push(remark: Remark): void {
    // Every value of one list can meet the same fault; one remark per place is enough.
    const said = english(remark.message);
    const again = this.list.some(({ node, message }) => node === remark.node && english(message) === said);
    if (this.list.length < mostRemarks && !again) this.list.push(remark);
  }

  /** The fix that puts `by` where the value at `path` stands. */
  replace(path: JsonPath, by: unknown): Fix[] {
    const node = this.at(path);
    return node === undefined || by === undefined ? [] : [{ kind: 'replace', node, by }];
  }
}

/** Says that a step lies beyond the last one. */
export function stepBeyond(step: number, steps: number): Pick<Remark, 'code' | 'message' | 'remedy'> {
  return { code: 'step-beyond', message: phrase`step ${step} does not exist`, remedy: phrase`There are ${steps} steps: write 0 to ${steps - 1}.` };
}
