/** A model task of a Python config in the form of our own ones. */

import type { Findings } from '../mistakes.ts';
import type { Source } from '../source.ts';
import { className, isPlainObject, refuseSymbols } from './plain.ts';

/** What only matters to how answers are judged, which is not done here: left out without a word. */
const withoutEffect = ['pred_postprocessor', 'response_anomaly', 'returns_tool_calls', 'verbose'];

/** The task, or null when `findings` got a mistake of it. Its class becomes the `type`'s name. */
export function modelTaskOf(source: Source, findings: Findings): Source | null {
  if (!isPlainObject(source.value)) return source;
  const kept = Object.entries(source.value).filter(([key]) => !withoutEffect.includes(key));
  const fields: Record<string, unknown> = Object.fromEntries(kept);
  const { type } = fields;
  if (type !== undefined) fields.type = className(type) ?? type;
  // The original tells texts for a model that is chatted with; a service has its own chat template.
  if (isPlainObject(fields.meta_template) || fields.meta_template === null) {
    findings.warnings.push(
      `${source.path} of ${source.file}: meta_template is ignored, because the service applies its own chat template`,
    );
    delete fields.meta_template;
  }
  const task = { ...source, value: fields };
  return refuseSymbols(task, findings) ? null : task;
}
