import { realHost } from './host.ts';
import { main } from './main.ts';

process.exitCode = await main(realHost());
