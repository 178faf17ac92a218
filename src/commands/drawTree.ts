import { runsOf } from '../experiment/prefixTree.ts';
import type { DistinctRun, PrefixNode, PrefixTree } from '../experiment/prefixTree.ts';

/** Names in one line; of a hundred equal runs nobody reads each. */
const mostNames = 4;

/**
 * A tree of runs for people: per seed the baseline, then the runs that part from it, each with the step from which it is computed and what it is for, an experiment's
 * controls beside it where they part at the same step. `stored` stands where nothing has to be computed.
 */
export function drawTree({ roots }: Pick<PrefixTree, 'roots'>, stored: ReadonlySet<string>): string {
  return roots.map((root) => {
    const [{ plan: { definition: { sample } } }] = runsOf({ roots: [root] });
    return `seed ${sample.seed}, ${sample.steps} steps\n${branches(root, stored, 0, '  ').map((line) => `${line}\n`).join('')}`;
  }).join('');
}

/** The first run below a node stands first; the others part from it below. @param from the step from which the first run is not another's */
function branches({ run, children, to }: PrefixNode, stored: ReadonlySet<string>, from: number, indent: string): string[] {
  if (run !== undefined) return [lineOf([run], from, stored, indent)];
  const [first, ...others] = children;
  const inner = to > 0 ? `${indent}  ` : indent; // what has no step in common is no branch
  const lines = branches(first, stored, from, indent);
  let beside: DistinctRun[] = [];
  const flush = (): void => {
    if (beside.length > 0) lines.push(lineOf(beside, to, stored, inner));
    beside = [];
  };
  for (const child of others) {
    if (child.run === undefined || (beside.length > 0 && nameOf(beside[0]) !== nameOf(child.run))) flush();
    if (child.run === undefined) lines.push(...branches(child, stored, to, inner));
    else beside.push(child.run);
  }
  flush();
  return lines;
}

/** @param runs one, or an experiment's with its controls */
function lineOf(runs: readonly DistinctRun[], from: number, stored: ReadonlySet<string>, indent: string): string {
  const roles = runs.length === 1 ? runs[0].roles : [nameOf(runs[0]), ...runs.flatMap(({ roles: [role] }) => (role === nameOf(runs[0]) ? [] : [role.slice(nameOf(runs[0]).length + 2)]))];
  const equal = runs.length === 1 ? ' = ' : ', ';
  const names = roles.length <= mostNames || runs.length > 1 ? roles.join(equal) : `${roles.slice(0, mostNames - 1).join(equal)} and ${roles.length - mostNames + 1} equal ones`;
  const known = runs.filter(({ plan: { key } }) => stored.has(key)).length;
  return `${indent}${from === 0 ? 'from the start' : `from step ${from}`}: ${names}${known === 0 ? '' : known === runs.length ? ' (stored)' : ` (${known} of ${runs.length} stored)`}`;
}

/** The experiment that a run is for; a control's name and draw stand behind it. */
function nameOf({ roles: [role] }: DistinctRun): string {
  return role.split(': ')[0];
}
