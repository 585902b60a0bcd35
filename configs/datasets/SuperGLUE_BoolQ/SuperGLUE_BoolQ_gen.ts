// The usual BoolQ prompt, under its short name.
export { datasets } from './SuperGLUE_BoolQ_gen_0_shot_str.ts';
