/** The `type` of a model task: the document's class names, and the wire dialect that each one means. */
import type { ProtocolName } from '../protocols/registry.ts';

export interface ModelType {
  protocol: ProtocolName;
  /** An old name that fixes `stream`, whatever the task says; write `use` and `stream` instead. */
  deprecated?: { use: string; stream: boolean };
  /** What a task without `stream` means; false where nothing stands here. */
  defaultStream?: boolean;
}

export const modelTypes = {
  VLLMCustomAPIChat: { protocol: 'openai_chat' },
  VLLMCustomAPI: { protocol: 'openai_completions' },
  VLLMCustomAPIChatStream: {
    protocol: 'openai_chat',
    deprecated: { use: 'VLLMCustomAPIChat', stream: true },
  },
  VLLMCustomAPIStream: { protocol: 'openai_completions', deprecated: { use: 'VLLMCustomAPI', stream: true } },
  VllmMultiturnAPIChatStream: {
    protocol: 'openai_chat',
    deprecated: { use: 'VLLMCustomAPIChat', stream: true },
  },
  VLLMFunctionCallAPIChat: {
    protocol: 'openai_chat',
    deprecated: { use: 'VLLMCustomAPIChat', stream: false },
  },
  TGICustomAPI: { protocol: 'tgi' },
  TGICustomAPIStream: { protocol: 'tgi', deprecated: { use: 'TGICustomAPI', stream: true } },
  TritonCustomAPI: { protocol: 'triton' },
  TritonCustomAPIStream: { protocol: 'triton', deprecated: { use: 'TritonCustomAPI', stream: true } },
  MindieStreamApi: { protocol: 'mindie', defaultStream: true },
  VITAGenerateAPI: { protocol: 'vita' },
} as const satisfies Record<string, ModelType>;

export type ModelTypeName = keyof typeof modelTypes;
export const modelTypeNames = Object.keys(modelTypes) as ModelTypeName[];
