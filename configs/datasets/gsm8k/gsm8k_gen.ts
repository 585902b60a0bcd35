// The usual GSM8K prompt, under its short name.
export { datasets } from './gsm8k_gen_4_shot_cot_str.ts';
