/** How pictures stand on the stage. */
export interface StageGrid {
  /** Side of a picture in whole pixels. */
  readonly side: number;
  readonly perLine: number;
}

interface StageRoom {
  readonly width: number;
  readonly height: number;
  /** Between pictures. */
  readonly gap: number;
  /** Under each picture. */
  readonly caption: number;
  readonly least: number;
}

/** The greatest squares that fit, `count` of them; at least `least` wide, and then the stage scrolls. */
export function layOutStage(count: number, { width, height, gap, caption, least }: StageRoom): StageGrid {
  let best: StageGrid = { side: 0, perLine: 1 };
  for (let perLine = 1; perLine <= count; perLine++) {
    const lines = Math.ceil(count / perLine);
    const side = Math.floor(Math.min((width - gap * (perLine - 1)) / perLine, (height - gap * (lines - 1)) / lines - caption));
    if (side > best.side) best = { side, perLine };
  }
  if (best.side >= least) return best;
  const perLine = Math.max(1, Math.floor((width + gap) / (least + gap)));
  return { side: least, perLine: Math.min(perLine, count) };
}
