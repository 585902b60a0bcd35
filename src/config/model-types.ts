/** The `type` of a model task: the document's class names, and the wire dialect that each one means. */
import type { ProtocolName } from '../protocols/registry.ts';

export interface ModelType {
  protocol: ProtocolName;
  /** An old name that means streaming whatever `stream` says; write `use` instead. */
  deprecated?: { use: string };
}

export const modelTypes = {
  VLLMCustomAPIChat: { protocol: 'openai_chat' },
  VLLMCustomAPI: { protocol: 'openai_completions' },
  VLLMCustomAPIChatStream: { protocol: 'openai_chat', deprecated: { use: 'VLLMCustomAPIChat' } },
  VLLMCustomAPIStream: { protocol: 'openai_completions', deprecated: { use: 'VLLMCustomAPI' } },
} as const satisfies Record<string, ModelType>;

export type ModelTypeName = keyof typeof modelTypes;
export const modelTypeNames = Object.keys(modelTypes) as ModelTypeName[];
