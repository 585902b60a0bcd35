/** The `type` of a model task: the document's class names, and the wire dialect that each one means. */
import type { ProtocolName } from '../protocols/registry.ts';

export interface ModelType {
  protocol: ProtocolName;
  /** An old name that fixes `stream`, whatever the task says; write `use` and `stream` instead. */
  deprecated?: { use: string; stream: boolean };
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
} as const satisfies Record<string, ModelType>;

export type ModelTypeName = keyof typeof modelTypes;
export const modelTypeNames = Object.keys(modelTypes) as ModelTypeName[];

/** Class names of the original whose service is not spoken yet, and its name. */
const awaited: Record<string, string> = {
  TGICustomAPI: 'TGI',
  TGICustomAPIStream: 'TGI',
  TritonCustomAPI: 'Triton',
  TritonCustomAPIStream: 'Triton',
  MindieStreamApi: 'MindIE',
  VITAGenerateAPI: 'VITA',
};

/** The service that a class name of the original stands for when it is not supported yet, else null. */
export function unsupportedService(type: unknown): string | null {
  if (typeof type !== 'string' || Object.hasOwn(modelTypes, type)) return null;
  return Object.hasOwn(awaited, type) ? awaited[type] : null;
}
