/** Endings of task configs, in the order in which they are looked for. */
export const configExtensions = ['.ts', '.js', '.mjs', '.json', '.py'] as const;
