import type { Picture } from './paintFilm.ts';

/** Paint a picture into the middle of a square: enlarged as it is, pixel by pixel; made smaller, smoothly. @param side of the square, in CSS pixels */
export function paintPicture(context: CanvasRenderingContext2D, picture: Picture, side: number): void {
  context.imageSmoothingEnabled = picture.width > side * (window.devicePixelRatio || 1);
  context.imageSmoothingQuality = 'high';
  const scale = side / Math.max(picture.width, picture.height);
  const [across, down] = [picture.width * scale, picture.height * scale];
  context.drawImage(picture, (side - across) / 2, (side - down) / 2, across, down);
}
