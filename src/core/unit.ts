/** Units of the numbers in a summary. */
export type Unit = 's' | 'tokens' | 'tokens/s' | 'requests' | 'requests/s' | 'ratio';
