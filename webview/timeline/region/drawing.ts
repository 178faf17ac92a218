import type { DrawnEdit } from '../../protocol.ts';
import { emptyMask, stroke } from './paintedMask.ts';
import type { PaintedMask } from './paintedMask.ts';

export const tools = ['everywhere', 'box', 'polygon', 'brush', 'concept'] as const;
export type Tool = (typeof tools)[number];

export type Region = DrawnEdit['where'];
export type Point = readonly [x: number, y: number];

/** A region being drawn on the stage, in image coordinates [0, 1]. */
export interface Drawing {
  readonly tool: Tool;
  /** What has been drawn; null where the tool has drawn nothing yet. */
  readonly region: Region | null;
  /** Of a box its corners, of a polygon those set so far and the one that moves, of a stroke where the brush was last; empty between. */
  readonly draft: readonly Point[];
}

/** The brush, and the pixels that it paints. */
export interface Brush {
  readonly radius: number;
  readonly erase: boolean;
  readonly width: number;
  readonly height: number;
}

/** A corner this close to the first one closes the polygon. */
const closing = 0.03;
/** A box narrower than this was a click. */
const leastBox = 0.01;

export const nothingDrawn: Drawing = { tool: 'everywhere', region: 'everywhere', draft: [] };

/** A tool at first: with a box in the middle there is something to push about. */
export function withTool(tool: Tool): Drawing {
  return { tool, region: tool === 'everywhere' ? 'everywhere' : tool === 'box' ? { box: [0.25, 0.25, 0.75, 0.75] } : null, draft: [] };
}

/** The pointer goes down, or space is pressed. */
export function press(drawing: Drawing, point: Point, brush: Brush): Drawing {
  const { tool, draft } = drawing;
  switch (tool) {
    case 'box': return { ...drawing, region: null, draft: [point, point] };
    case 'polygon': {
      const corners = draft.slice(0, -1);
      if (corners.length >= 3 && Math.hypot(point[0] - corners[0][0], point[1] - corners[0][1]) < closing) return close(drawing);
      return { ...drawing, region: null, draft: [...corners, point, point] };
    }
    case 'brush': return { ...paint(drawing, point, point, brush), draft: [point] };
    default: return drawing;
  }
}

/** It moves; while nothing has been begun, that draws nothing. */
export function drag(drawing: Drawing, point: Point, brush: Brush): Drawing {
  const { tool, draft } = drawing;
  const last = draft.at(-1);
  if (last === undefined) return drawing;
  if (tool === 'brush') return { ...paint(drawing, last, point, brush), draft: [point] };
  return { ...drawing, draft: [...draft.slice(0, -1), point] };
}

/** It goes up: a box and a stroke end here, a polygon goes on. */
export function release(drawing: Drawing): Drawing {
  const { tool, draft } = drawing;
  if (tool === 'brush') return { ...drawing, draft: [] };
  if (tool !== 'box' || draft.length < 2) return drawing;
  const box = boxOf(draft[0], draft[1]);
  return { ...drawing, region: box[2] - box[0] < leastBox || box[3] - box[1] < leastBox ? null : { box }, draft: [] };
}

/** Close the polygon over the corners set so far. */
export function close(drawing: Drawing): Drawing {
  const corners = drawing.draft.slice(0, -1);
  if (drawing.tool !== 'polygon' || corners.length < 3) return drawing;
  return { ...drawing, region: { polygon: corners.map(([x, y]): [number, number] => [round(x), round(y)]) }, draft: [] };
}

/** Give up what has been begun; then, what has been drawn. */
export function leave(drawing: Drawing): Drawing {
  return drawing.draft.length > 0 && drawing.tool !== 'brush' ? { ...drawing, draft: [] } : withTool(drawing.tool);
}

/** The painted mask of a drawing, where it has one. */
export function maskOf({ region }: Drawing): PaintedMask | null {
  return region !== null && typeof region === 'object' && 'painted' in region ? region.painted : null;
}

function paint(drawing: Drawing, from: Point, to: Point, { radius, erase, width, height }: Brush): Drawing {
  return { ...drawing, region: { painted: stroke(maskOf(drawing) ?? emptyMask(width, height), from, to, radius, erase) } };
}

/** Left, top, right, bottom of two corners, with the digits that a person would write. */
function boxOf([ax, ay]: Point, [bx, by]: Point): [number, number, number, number] {
  return [round(Math.min(ax, bx)), round(Math.min(ay, by)), round(Math.max(ax, bx)), round(Math.max(ay, by))];
}

function round(value: number): number {
  return Math.min(Math.max(Math.round(value * 1000) / 1000, 0), 1);
}
