import { mean } from '../../base/statistics.ts';
import type { ConceptLabels, LabelsFile, Stretch } from '../labels.ts';
import { meanGamma, minimumPictures, type ObservedSite } from './observedSite.ts';

type Measured = LabelsFile['quality']['monosemanticity'];

/**
 * Monosemanticity: how alike the pictures are in which a concept is strong, (aᵀSa − Σa²) / ((Σa)² − Σa²), with a the min-max normalised γ over
 * the pictures and S the cosines of their image embeddings; the mean over the concepts active in enough pictures.
 * @param embeddings unit vectors, one a picture. @returns chance: the mean cosine of two pictures, what a concept without preference gets
 */
export function monosemanticity(site: ObservedSite, embeddings: readonly Float32Array[]): Measured {
  const count = embeddings.length;
  const gamma = meanGamma(site, [...site.active.keys()]);
  const values: number[] = [];
  for (let id = 0; id < site.n; id++) {
    const strengths = gamma.subarray(id * count, (id + 1) * count);
    if (strengths.filter((value) => value > 0).length < minimumPictures) continue;
    const [min, max] = [Math.min(...strengths), Math.max(...strengths)];
    if (max > min) values.push(weightedCosine(embeddings, strengths.map((value) => (value - min) / (max - min))));
  }
  return { value: finite(mean(values)), chance: finite(meanCosine(embeddings)), n: values.length };
}

/**
 * Cohesion: mean cosine between the labels of one concept, over the concepts with several; chance: between any two labels given.
 * Separability: mean of 1 − cosine between the mean label vectors of two concepts. Both over the labels of one stretch, places left out.
 * @param embed the vector of a label; the paper takes Word2Vec, we the judge's text encoder
 */
export function cohesionAndSeparability(
  concepts: Iterable<ConceptLabels>, stretch: Stretch, embed: (label: string) => Float32Array,
): { cohesion: Measured; separability: Measured } {
  const vectors = [...concepts]
    .map(({ labels }) => labels.filter(({ kind, steps }) => kind !== 'place' && steps === stretch).map(({ label }) => embed(label)))
    .filter(({ length }) => length > 0);
  const several = vectors.filter(({ length }) => length > 1).map((labels) => meanCosine(labels));
  const means = vectors.map(meanDirection);
  return {
    cohesion: { value: finite(mean(several)), chance: finite(meanCosine(vectors.flat())), n: several.length },
    separability: { value: finite(1 - meanCosine(means)), chance: null, n: means.length },
  };
}

/** Mean cosine over all pairs of unit vectors; NaN of fewer than two. */
function meanCosine(vectors: readonly Float32Array[]): number {
  return weightedCosine(vectors, new Float32Array(vectors.length).fill(1));
}

/** (aᵀSa − Σa²) / ((Σa)² − Σa²); aᵀSa is the squared length of Σ a·e. @param vectors unit vectors */
function weightedCosine(vectors: readonly Float32Array[], weights: Float32Array): number {
  const total = new Float64Array(vectors[0]?.length ?? 0);
  vectors.forEach((vector, index) => { vector.forEach((value, dimension) => { total[dimension] += weights[index] * value; }); });
  const squares = weights.reduce((sum, weight) => sum + weight * weight, 0);
  const sum = weights.reduce((all, weight) => all + weight, 0);
  return (total.reduce((all, value) => all + value * value, 0) - squares) / (sum * sum - squares);
}

function meanDirection(vectors: readonly Float32Array[]): Float32Array {
  const total = new Float32Array(vectors[0].length);
  for (const vector of vectors) vector.forEach((value, dimension) => { total[dimension] += value; });
  const norm = Math.hypot(...total);
  return total.map((value) => value / norm);
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
