import { expect, it } from 'vitest';
import { helpOf } from '../../../tools/docs/help-of.ts';
import { commands } from './registry.ts';

it('every command is in the general help, and explains itself', async () => {
  const general = await helpOf('help');
  for (const [name, { about }] of Object.entries(commands)) {
    expect(general).toContain(`  ${name.padEnd(26)} ${about} (ais_bench ${name} --help)`);
    expect(await helpOf(name)).toMatch(new RegExp(`^Usage: ais_bench ${name} `));
  }
});
