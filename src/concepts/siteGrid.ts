/**
 * Height and width, in cells, of a site of so many cells: every level of a U-Net halves the grid of the one above, rounding up.
 * @param latent height and width of the latents
 * @throws RangeError when no level has so many
 */
export function siteGrid(cells: number, latent: readonly [height: number, width: number]): [height: number, width: number] {
  let [height, width] = latent;
  while (height * width > cells) [height, width] = [Math.ceil(height / 2), Math.ceil(width / 2)];
  if (height * width !== cells) throw new RangeError(`${cells} cells are no level of a grid of ${latent.join(' x ')}`);
  return [height, width];
}
