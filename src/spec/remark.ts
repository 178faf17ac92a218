import { findNodeAtLocation, type Node } from 'jsonc-parser';
import type { JsonPath } from './jsonPath.ts';
import type { Finding } from './validate.ts';

/** A finding, and whether the spec can run in spite of it. */
export interface Remark extends Finding {
  readonly severity: 'error' | 'warning';
}

/** Takes a remark about the value at a path. */
export type Report = (severity: Remark['severity'], path: JsonPath, message: string, remedy: string) => void;

/** More remarks than this help nobody. */
const mostRemarks = 100;

/** An empty list of remarks about the values of one tree, and what fills it. */
export function collectRemarks(root: Node): { remarks: Remark[]; report: Report } {
  const remarks: Remark[] = [];
  return {
    remarks,
    report(severity, path, message, remedy) {
      const node = findNodeAtLocation(root, [...path]) ?? root;
      // Every value of one list can meet the same fault; one remark per place is enough.
      if (remarks.length >= mostRemarks || remarks.some((other) => other.node === node && other.message === message)) return;
      remarks.push({ severity, node, path, message, remedy });
    },
  };
}

/** Says that a step lies beyond the last one. */
export function beyond(step: number, steps: number): [message: string, remedy: string] {
  return [`step ${step} does not exist`, `There are ${steps} steps: write 0 to ${steps - 1}.`];
}
