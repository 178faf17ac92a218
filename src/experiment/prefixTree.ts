import { canonicalJson } from '../spec/canonicalJson.ts';
import type { RunPlan } from './plan.ts';

/** A run that is wanted, and what for. */
export interface AskedRun {
  readonly plan: RunPlan;
  /** For people: `baseline`, or the experiment and, of a control, its name and draw. */
  readonly role: string;
  /** When it is made: after all runs of a lower turn, as far as they do not go through a batch together; 0 where left out. */
  readonly turn?: number;
}

/** A generation that is made once, whoever asked for it. */
export interface DistinctRun {
  readonly plan: RunPlan;
  /** All that it was asked for, each once, in the order of asking. */
  readonly roles: readonly string[];
  /** The first at which anyone asks for it. */
  readonly turn: number;
}

/** A stretch of denoising that all runs below it have in common. */
export interface PrefixNode {
  /** Its steps: from the first up to, and not with, the second. */
  readonly from: number;
  readonly to: number;
  /** The run that ends here; only where `to` is the end. */
  readonly run: DistinctRun | undefined;
  /** Where the runs part: the unedited one first, the others in the order of asking. */
  readonly children: readonly PrefixNode[];
}

/** Runs, arranged by what they share. */
export interface PrefixTree {
  /** One per sample: prompt, seed and what else a generation starts from. */
  readonly roots: readonly PrefixNode[];
  /** How often the U-Net has to be asked for those that are not stored. */
  readonly unetCalls: number;
  /** How often it would be asked, were a run made for every role, from its first step on, and nothing stored. */
  readonly naiveUnetCalls: number;
}

/**
 * Arrange runs so that what they have in common is computed once: equal runs are one, and runs of one sample share every step up to the first at which
 * other edits are in force.
 * @param stored keys of runs that need not be computed; what they went through need not either
 */
export function prefixTree(asked: readonly AskedRun[], stored: ReadonlySet<string> = new Set()): PrefixTree {
  const runs = distinctRuns(asked);
  const roots = [...groupBy(runs, ({ plan }) => courseOf(plan).sample).values()].map((sample) => growTree(sample, 0));
  return {
    roots,
    unetCalls: roots.reduce((sum, root) => sum + callsOf(root, stored).calls, 0),
    naiveUnetCalls: runs.reduce((sum, { plan, roles }) => sum + roles.length * plan.calls, 0),
  };
}

/** The runs of a tree: of each sample the unedited one first, and those beside each other that share most. */
export function runsOf({ roots }: Pick<PrefixTree, 'roots'>): DistinctRun[] {
  const below = ({ run, children }: PrefixNode): DistinctRun[] => (run === undefined ? children.flatMap(below) : [run]);
  return roots.flatMap(below);
}

/** How many steps two runs have in common, from the first on. */
export function commonSteps(a: RunPlan, b: RunPlan): number {
  const [one, other] = [courseOf(a), courseOf(b)];
  if (one.sample !== other.sample) return 0;
  const parting = one.inForce.findIndex((acting, step) => acting !== other.inForce[step]);
  return parting < 0 ? one.inForce.length : parting;
}

/** Equal runs as one, in the order of asking. */
function distinctRuns(asked: readonly AskedRun[]): DistinctRun[] {
  return [...groupBy(asked, ({ plan }) => plan.key).values()].map((same) => ({
    plan: same[0].plan, roles: [...new Set(same.map(({ role }) => role))], turn: Math.min(...same.map(({ turn = 0 }) => turn)),
  }));
}

function growTree(runs: readonly DistinctRun[], from: number): PrefixNode {
  const [{ plan }] = runs;
  const common = runs.reduce((least, run) => Math.min(least, commonSteps(plan, run.plan)), plan.calls);
  if (runs.length === 1) return { from, to: plan.calls, run: runs[0], children: [] };
  const parts = [...groupBy(runs, (run) => courseOf(run.plan).inForce[common])].sort(([a], [b]) => Number(a !== '') - Number(b !== ''));
  return { from, to: common, run: undefined, children: parts.map(([, part]) => growTree(part, common)) };
}

/** @returns calls below a node, and whether a stored run went through it */
function callsOf({ from, to, run, children }: PrefixNode, stored: ReadonlySet<string>): { calls: number; known: boolean } {
  const below = children.map((child) => callsOf(child, stored));
  const known = run === undefined ? below.some((child) => child.known) : stored.has(run.plan.key);
  return { calls: below.reduce((sum, { calls }) => sum + calls, known ? 0 : to - from), known };
}

/** What decides where a run agrees with others. */
interface Course {
  /** Equal for runs that differ in nothing but their edits. */
  readonly sample: string;
  /** [steps]: equal for runs whose edits do the same at that step; empty where none is in force. */
  readonly inForce: readonly string[];
}

/** Every run is compared with many others. */
const courses = new WeakMap<RunPlan, Course>();

function courseOf(plan: RunPlan): Course {
  const known = courses.get(plan) ?? chart(plan);
  courses.set(plan, known);
  return known;
}

function chart({ definition: { edits = [], editors, ...plain }, calls }: RunPlan): Course {
  // In the order of the definition: that in which the edits of a site are summed up.
  const acts = edits.map(({ steps, ...edit }) => ({ steps: new Set(steps), text: canonicalJson({ ...edit, sae: editors?.[edit.site] ?? plain.saes[edit.site] }) }));
  return {
    sample: canonicalJson(plain),
    inForce: Array.from({ length: calls }, (_, step) => acts.filter(({ steps }) => steps.has(step)).map(({ text }) => text).join('\n')),
  };
}

function groupBy<T>(items: Iterable<T>, keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
