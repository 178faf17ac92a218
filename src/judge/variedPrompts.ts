import { TorchGenerator } from '../base/torchRandom.ts';
import type { Vocabulary } from './judgeFolder.ts';

const places = ['at the top left', 'at the top right', 'at the bottom left', 'at the bottom right', 'in the centre'];

/**
 * Prompts in a judge's own words, one or two coloured things each: every word occurs as often as any other, in combinations drawn at random.
 * Every other prompt leaves the places open.
 */
export function variedPrompts({ things, colours, backgrounds, styles }: Vocabulary, count: number, seed = 0): string[] {
  const random = new TorchGenerator(seed);
  const draw = <T>(cards: readonly T[]): (() => T) => deck(cards, random);
  const coloured = things.flatMap((thing) => colours.map((colour) => ({ thing, text: `${article(colour)} ${colour} ${thing}` })));
  const [first, second, where, background, style] = [draw(coloured), draw(coloured), draw(places), draw(backgrounds), draw(styles)];
  return Array.from({ length: count }, (_, index) => {
    const [one, two] = [first(), second()];
    const shown = one.thing === two.thing ? [one] : [one, two];
    const phrases = shown.map(({ text }) => (index % 2 === 0 ? `${text} ${where()}` : text));
    return [phrases.join(' and '), background(), style()].join(', ');
  });
}

/** Deals every card once before any comes again, each time in a new order. */
function deck<T>(cards: readonly T[], random: TorchGenerator): () => T {
  let left: T[] = [];
  return () => {
    if (left.length === 0) left = [...cards];
    const [card] = left.splice(random.random32() % left.length, 1);
    return card;
  };
}

function article(word: string): string {
  return /^[aeiou]/i.test(word) ? 'an' : 'a';
}
