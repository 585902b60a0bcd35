/** docs/configuration.md, made from the schemas, the flags and the commands' own help: there is no second list to forget. */
import type { Command } from 'commander';
import type { z } from 'zod';
import { commands } from '../../src/cli/commands/registry.ts';
import { environmentVariables } from '../../src/config/environment.ts';
import { constants } from '../../src/config/files/global-constants.ts';
import { commandLine } from '../../src/config/flags/argv.ts';
import { modelTypes } from '../../src/config/model-types.ts';
import { datasetTask, ignoredModelKeys, modelTask, summarizerTask } from '../../src/config/schemas.ts';
import { datasets } from '../../src/datasets/registry.ts';
import { type Key, keysOf } from './schema-keys.ts';

/** What `ais_bench NAME --help` prints, for every command beside a run. */
export type HelpOf = (command: string) => Promise<string>;

export interface Page {
  text: string;
  /** Keys, flags and commands that nobody has explained, each with where to do it. */
  unexplained: string[];
}

export async function configurationPage(helpOf: HelpOf): Promise<Page> {
  const unexplained: string[] = [];
  const keys = (title: string, schema: z.ZodType, where: string): string => {
    const found = keysOf(schema);
    for (const { path, meaning } of found)
      if (meaning === '')
        unexplained.push(`${title}: key "${path}" has no meaning; add .describe('…') to it in ${where}`);
    return keyTable(found);
  };
  const command = commandLine();
  for (const option of command.options)
    if (!option.hidden && option.description === '')
      unexplained.push(`flag ${option.flags} has no description in src/config/flags/run-flags.ts`);
  const types = Object.entries(datasets).map(([name, type]) => {
    const table = keys(`dataset type ${name}`, type.options as z.ZodType, 'its file in src/datasets');
    return `### Type \`${name}\`\n\n${table}`;
  });
  const parts = [
    HEAD,
    `## Flags of \`ais_bench\`\n\n${flagTable(command)}`,
    `## Model tasks\n\nA file \`configs/models/**/NAME.ts\` exports \`models\`, a list of these (or NAME.py, AISBench's own):\n\n${keys('model task', modelTask, 'src/config/schemas.ts')}`,
    `Accepted with a warning but ignored, for the sake of AISBench's files: ${ignoredModelKeys.map((key) => `\`${key}\``).join(', ')}.`,
    `### \`type\` of a model task\n\n${typeTable()}`,
    PASSED_ON,
    `## Dataset tasks\n\nA file \`configs/datasets/**/NAME.ts\` exports lists whose names end in \`datasets\`. Every task has these keys, and \`type\`, which says which others there are:\n\n${keys('dataset task', datasetTask, 'src/config/schemas.ts')}`,
    ...types,
    `## Summarizers\n\nA file \`configs/summarizers/**/NAME.ts\` exports \`summarizer\`:\n\n${keys('summarizer', summarizerTask, 'src/config/schemas.ts')}`,
    `## Constants\n\nA file \`configs/global_consts.ts\` exports them, and an environment variable of the same name takes precedence:\n\n${keys('constant', constants, 'src/config/files/global-constants.ts')}`,
    `## Environment\n\n${environmentTable()}`,
    ...(await commandHelp(helpOf)),
  ];
  return { text: `${parts.join('\n\n')}\n`, unexplained };
}

const HEAD = `# Configuration

Every flag, key and variable, made by \`npm run docs\` from what the program itself checks its input with. A key that is not
listed here is an error that names the nearest one that is. \`ais_bench --dry-run …\` prints what a command comes to.`;

const PASSED_ON = `### \`generation_kwargs\`

Fields of the request body, sent as they are: \`temperature\`, \`top_p\`, \`top_k\`, \`seed\`, \`ignore_eos\`, \`stop\`, \`tools\` … TGI, Triton and
MindIE get them inside \`parameters\`. Two are read here and not sent: \`num_return_sequences\` (every row is sent so many times) and
\`lora_data_map_file\` (a JSON file that names the LoRA adapter of each row). The output limit is set by \`max_out_len\`, never here.`;

function keyTable(keys: readonly Key[]): string {
  return table(
    ['Key', 'Type and range', 'Default', 'Meaning'],
    keys.map(({ path, type, fallback, meaning }) => [`\`${path}\``, type, fallback, meaning]),
  );
}

function flagTable(command: Command): string {
  const rows = command.options
    .filter((option) => !option.hidden)
    .map((option) => [`\`${option.flags}\``, option.description]);
  const [config] = command.registeredArguments;
  return table(['Flag', 'Meaning'], [[`\`[${config.name()}]\``, config.description], ...rows]);
}

function typeTable(): string {
  const rows = Object.entries(modelTypes).map(([name, { protocol, deprecated }]) => [
    `\`${name}\``,
    `\`${protocol}\``,
    deprecated ? `deprecated: write \`${deprecated.use}\`, \`stream: ${deprecated.stream}\`` : '',
  ]);
  return table(['Type', 'Wire dialect', 'Note'], rows);
}

function environmentTable(): string {
  return table(
    ['Variable', 'Meaning'],
    Object.entries(environmentVariables).map(([name, meaning]) => [`\`${name}\``, meaning]),
  );
}

async function commandHelp(helpOf: HelpOf): Promise<string[]> {
  const parts: string[] = [];
  for (const name of Object.keys(commands))
    parts.push(`## \`ais_bench ${name}\`\n\n\`\`\`text\n${(await helpOf(name)).trimEnd()}\n\`\`\``);
  return parts;
}

/** Columns padded, as the project's formatter leaves them. */
function table(head: string[], rows: string[][]): string {
  const cells = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = head.map((_, column) => Math.max(3, ...cells.map((row) => row[column].length)));
  const line = (row: string[]) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [line(cells[0]), rule, ...cells.slice(1).map(line)].join('\n');
}
