/** What every report page has in common: its data stand in one place of a built page, and hold no secret. */
import { quietJson } from '../core/text/outside-text.ts';

/** Stands in the page, once, where the data go. */
export const DATA_PLACEHOLDER = '"__DATA__"';

/** The built page with its data. Throws when the page does not hold `DATA_PLACEHOLDER` exactly once. */
export function fillPage(template: string, data: unknown): string {
  const parts = template.split(DATA_PLACEHOLDER);
  if (parts.length !== 2)
    throw new Error(`The page holds ${DATA_PLACEHOLDER} ${parts.length - 1} times, expected once.`);
  return parts.join(scriptSafe(quietJson(JSON.stringify(data))));
}

/** Without user name, password and query, where keys may hide: the file is made to be passed on. */
export function shownUrl(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//').replace(/[?#].*$/, '');
}

/** No text of the data can end the script element it stands in. */
function scriptSafe(json: string): string {
  return json.replaceAll('<', '\\u003c');
}
