import fc from 'fast-check';
import { cases } from '../src/core/cases.fixture.ts';

fc.configureGlobal({ numRuns: cases(100) });
