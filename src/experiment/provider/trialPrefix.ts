/** Names of files with the trials of a model begin like this. */
export const trialPrefix = 'provider-';
