// The usual C-Eval prompt, under its short name.
export { datasets } from './ceval_gen_5_shot_str.ts';
