// The usual AIME 2024 prompt, under its short name.
export { datasets } from './aime2024_gen_0_shot_chat_prompt.ts';
