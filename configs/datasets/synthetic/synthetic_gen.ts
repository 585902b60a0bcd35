// Generated prompts under the short name: lengths are drawn from distributions.
export { datasets } from './synthetic_gen_string.ts';
