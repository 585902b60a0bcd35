// The usual AIME 2025 prompt, under its short name.
export { datasets } from './aime2025_gen_0_shot_chat_prompt.ts';
