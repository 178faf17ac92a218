import { smallestShare } from '../../judge/labelMasks.ts';
import { mapCut } from '../maps.ts';
import { strongShare } from './activeConcepts.ts';
import { labelAuroc } from './attributeEvidence.ts';
import { largestVariation, smallestOverlap } from './contextFree.ts';
import { labelIou, partShare } from './maskEvidence.ts';
import { minimumPictures } from './observedSite.ts';
import { minimumForPlace, placeShare } from './placeEvidence.ts';

/** How labels were given, in words: every file of labels carries it. */
export const labelDefinition = [
  `A concept is active in a picture at a step when it is among the codes of a cell, and strong when its strongest cell reaches ${strongShare} of its strongest cell in any of the pictures at that step.`,
  `Its cells: its map, min-max normalised over the cells, at least ${mapCut}.`,
  `mask: iou is the mean, over the pictures and steps in which the concept is strong, of the IoU of its cells with the judge's mask of the label (0 where the label is not true; the mask averaged over each cell and cut at 0.5; masks under ${smallestShare} of the picture are left out); given for iou > ${labelIou} and n >= ${minimumPictures}.`,
  `part: inside is the mean, over the same pictures and steps, of the share of its cells that lie inside the mask (0 where the label is not true); given for inside > ${partShare} and n >= ${minimumPictures}, unless the label is given by mask.`,
  `attribute: auroc of the spatial mean of z, averaged over the steps, for the pictures of which the judge says the word against the others; given for auroc >= ${labelAuroc} and n >= ${minimumPictures}.`,
  `place: inside is the mean, over the same pictures and steps, of the share of its cells in that region of the picture (a half, a quarter or the centre); given for inside > ${placeShare} and n >= ${minimumForPlace}.`,
  'n: pictures in which the label is true and the concept strong (of an attribute: active) at one of the steps; of: pictures in which the label is true (of a place: all pictures).',
  'steps: early, middle, late are t in [0.6, 1], [0.2, 0.6], [0, 0.2]. firstStep: first step, counted from 0, at which the label would be given for that step alone.',
  `contextFree: in every stretch in which the concept is active in enough pictures, the standard deviation of its spatial mean over the pictures is at most ${largestVariation} of the mean, and the mean IoU of its cells in different pictures is at least ${smallestOverlap}.`,
  'givenByChance: labels given by the same rules when every picture bears the labels of another one.',
  'halves: labels given by the pictures of even number alone, and how many of them those of odd number give again, to the same concept over the same steps (parts include wholes).',
  'quality: monosemanticity over image embeddings, cohesion and separability over text embeddings of the labels, both of the judge\'s dual encoder (not Word2Vec); chance: the mean cosine of two pictures, of two labels given.',
].join('\n');
