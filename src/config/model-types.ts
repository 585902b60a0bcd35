/** The `type` of a model task: AISBench's class names, and the wire dialect that each one means. */
import type { ModelClass, Protocol } from '../core/protocol.ts';
import { type ProtocolName, protocols } from '../protocols/registry.ts';

export interface ModelType extends ModelClass {
  protocol: ProtocolName;
}

const dialects = Object.entries(protocols) as [ProtocolName, Protocol][];

/** Every class name, each dialect's own together. */
export const modelTypes: Readonly<Record<string, ModelType>> = Object.fromEntries(
  dialects.flatMap(([protocol, { classes }]) =>
    Object.entries(classes).map(([name, own]) => [name, { ...own, protocol }] as const),
  ),
);
export const modelTypeNames = Object.keys(modelTypes);
