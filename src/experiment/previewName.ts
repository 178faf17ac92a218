/** Where a step's preview lies in a run folder. */
export function previewName(step: number): string {
  return `previews/step-${String(step).padStart(3, '0')}.png`;
}
