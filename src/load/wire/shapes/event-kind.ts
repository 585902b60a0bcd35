/** Under which kind an event is recorded. */
import type { Delta } from '../../../core/protocol.ts';
import type { EventKind } from '../../../core/records.ts';

/** The one kind under which an event is recorded, whatever else it says. */
export function kindOf(delta: Delta): EventKind {
  if (delta.error !== undefined) return 'error';
  if (delta.text) return 'text';
  if (delta.reasoning) return 'reasoning';
  if (delta.tool) return 'tool';
  if (delta.done) return 'done';
  if (delta.finish !== undefined) return 'finish';
  if (delta.usage !== undefined) return 'usage';
  return delta.role !== undefined ? 'role' : 'other';
}
