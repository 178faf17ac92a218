/** Beside `model_index.json`: which sums of the U-Net are its sites, where its names do not tell. */
export const siteChoiceName = 'dmi-sites.json';
