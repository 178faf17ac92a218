import { smallestShare } from '../../judge/labelMasks.ts';
import { mapCut } from '../maps.ts';
import { silentShare } from './activeConcepts.ts';
import { labelAuroc } from './attributeEvidence.ts';
import { largestVariation, smallestOverlap } from './contextFree.ts';
import { labelIou } from './maskEvidence.ts';
import { minimumPictures } from './observedSite.ts';
import { largestArea, minimumForPlace, placeShare } from './placeEvidence.ts';

/** How labels were given, in words: every file of labels carries it. */
export const labelDefinition = [
  `A concept is active in a picture at a step when its strongest cell reaches ${silentShare} of its strongest cell in any of the pictures at that step.`,
  `Its cells: its map, min-max normalised over the cells, at least ${mapCut}.`,
  `mask: iou is the mean, over the pictures and steps in which the concept is active, of the IoU of its cells with the judge's mask of the label (0 where the label is not true; the mask averaged over each cell and cut at 0.5; masks under ${smallestShare} of the picture are left out); given for iou > ${labelIou} and n >= ${minimumPictures}.`,
  `attribute: auroc of the spatial mean of z, averaged over the steps, for the pictures of which the judge says the word against the others; given for auroc >= ${labelAuroc} and n >= ${minimumPictures}.`,
  `place: share of the pictures and steps in which the concept is active with the centre of its cells in that third of the picture, and with at most ${largestArea} of the cells; given for share >= ${placeShare} and n >= ${minimumForPlace}.`,
  'n: pictures in which the label is true and the concept active at one of the steps; of: pictures in which the label is true (of a place: all pictures).',
  'steps: early, middle, late are t in [0.6, 1], [0.2, 0.6), [0, 0.2). firstStep: first step, counted from 0, at which the label would be given for that step alone.',
  `contextFree: in every stretch in which the concept is active, the standard deviation of its spatial mean over the pictures is at most ${largestVariation} of the mean, and the mean IoU of its cells in different pictures is at least ${smallestOverlap}.`,
  'givenByChance: labels given by the same rules when every picture bears the labels of another one.',
  'quality: monosemanticity over image embeddings, cohesion and separability over text embeddings of the labels, both of the judge\'s dual encoder (not Word2Vec); chance: the mean cosine of two pictures, of two labels given.',
].join('\n');
