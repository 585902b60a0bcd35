// The usual AIME 2026 prompt, under its short name.
export { datasets } from './aime2026_gen_0_shot_chat_prompt.ts';
