import type { EditDefinition, RegionDefinition } from '../../experiment/editDefinition.ts';
import type { Html } from '../html.ts';
import { inBoth } from '../texts.ts';
import type { Language } from '../texts.ts';
import { windowOfTime } from '../timeAxis.ts';
import type { ConceptNames } from './conceptNames.ts';
import { shortNumber } from './intervalCell.ts';

/** Longer lists of concepts are cut. */
const mostIds = 8;

/** Time of a run: how many steps, and the diffusion time of each. */
interface RunTime {
  readonly totalSteps: number;
  readonly t: readonly number[];
}

/** What an edit does, in one sentence. */
export function editSentence(edit: EditDefinition, time: RunTime, names: ConceptNames): Html {
  return inBoth(sentence(edit, time, names, 'en'), sentence(edit, time, names, 'ja'));
}

function sentence(edit: EditDefinition, time: RunTime, names: ConceptNames, language: Language): string {
  const { site, concepts, where, elsewhere, branch } = edit;
  const who = conceptsText(site, concepts, names);
  const place = regionText(where, site, names, language);
  const when = stepsText(edit.steps, time, language);
  if (language === 'ja') return `${site}: ${who} ${operationJa(edit)}。場所: ${place}${elsewhere === 'ablate' ? '(他の場所では消す)' : ''}。${when}。${branchesJa[branch]}。`;
  return `At ${site}, ${who} ${operationEn(edit)}, ${place}${elsewhere === 'ablate' ? ' (and switched off everywhere else)' : ''}, at ${when}, ${branchesEn[branch]}.`;
}

const unitsEn: Readonly<Record<EditDefinition['unit'], string>> = { raw: '(raw activation)', mean: '× its mean activation', norm: '× the norm of what is active in the cell', share: '× the cell\'s share of all activation' };
const unitsJa: typeof unitsEn = { raw: '(生の活性)', mean: '× 平均活性', norm: '× セルの活性のノルム', share: '× 全活性に占めるセルの割合' };
const branchesEn: Readonly<Record<EditDefinition['branch'], string>> = { cond: 'with the prompt', uncond: 'without the prompt', both: 'with and without the prompt', contrast: 'added with the prompt and subtracted without' };
const branchesJa: typeof branchesEn = { cond: 'プロンプトありの側', uncond: 'プロンプトなしの側', both: '両方の側', contrast: 'プロンプトありで加え、なしで引く' };

function operationEn({ operation, amount, unit }: EditDefinition): string {
  if (operation === 'scale') return amount === 0 ? 'is switched off' : `is scaled by ${shortNumber(amount)}`;
  return `${operation === 'add' ? 'gets' : 'is set to'} ${operation === 'add' && amount > 0 ? '+' : ''}${shortNumber(amount)} ${unitsEn[unit]}`;
}

function operationJa({ operation, amount, unit }: EditDefinition): string {
  if (operation === 'scale') return amount === 0 ? 'を消す' : `を ${shortNumber(amount)} 倍にする`;
  return operation === 'add' ? `に ${amount > 0 ? '+' : ''}${shortNumber(amount)} ${unitsJa[unit]} を加える` : `を ${shortNumber(amount)} ${unitsJa[unit]} にする`;
}

/** `house (#3, #9)`; concepts without a common name by their own. */
function conceptsText(site: string, ids: readonly number[], names: ConceptNames): string {
  const numbers = (of: readonly number[]): string => `${of.slice(0, mostIds).map((id) => `#${id}`).join(', ')}${of.length > mostIds ? `, … +${of.length - mostIds}` : ''}`;
  const together = names.together(site, ids);
  if (together !== undefined) return `${together} (${numbers(ids)})`;
  const shown = ids.slice(0, mostIds).map((id) => {
    const best = names.best(site, id);
    return best === undefined ? `#${id}` : `${best} (#${id})`;
  });
  return `${shown.join(', ')}${ids.length > mostIds ? `, … +${ids.length - mostIds}` : ''}`;
}

function regionText(where: RegionDefinition, site: string, names: ConceptNames, language: Language): string {
  const en = language === 'en';
  if (where === 'everywhere') return en ? 'everywhere' : '全体';
  if (typeof where === 'string') return en ? `in the region “${where}”` : `領域「${where}」`;
  if ('box' in where) return `${en ? 'in the box ' : '長方形 '}${where.box.map(shortNumber).join(', ')}`;
  if ('polygon' in where) return en ? `in a polygon of ${where.polygon.length} corners` : `${where.polygon.length} 角形`;
  if ('mask' in where) return en ? 'in a painted mask' : '塗られたマスク';
  const who = conceptsText(site, where.concepts, names);
  return en ? `where ${who} reaches ${shortNumber(where.above)} of its range` : `${who} が範囲の ${shortNumber(where.above)} 以上の所`;
}

/** `steps 0–3 of 10 (t 0.90–0.60, early)`. */
function stepsText(steps: readonly number[], { totalSteps, t }: RunTime, language: Language): string {
  const stretches: { from: number; to: number }[] = [];
  for (const step of steps) {
    const last = stretches.at(-1);
    if (last?.to === step - 1) last.to = step;
    else stretches.push({ from: step, to: step });
  }
  const shown = stretches.slice(0, mostIds).map(({ from, to }) => (from === to ? `${from}` : `${from}–${to}`)).join(', ');
  const times = steps.flatMap((step) => (step < t.length ? [t[step]] : []));
  const windows = new Set(times.map(windowOfTime));
  const [window] = windows;
  const named = windows.size === 1 ? `, ${language === 'en' ? window : windowsJa[window]}` : '';
  const span = times.length === 0 ? '' : ` (t ${Math.max(...times).toFixed(2)}–${Math.min(...times).toFixed(2)}${named})`;
  return language === 'en' ? `step${steps.length === 1 ? '' : 's'} ${shown} of ${totalSteps}${span}` : `全 ${totalSteps} ステップ中 ${shown}${span}`;
}

const windowsJa = { early: '序盤', middle: '中盤', late: '終盤' } as const;
