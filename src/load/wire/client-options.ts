/** What a client is made from, and what its parts share. */
import type { Clock } from '../../core/clock.ts';
import type { Timeouts } from '../../core/plan.ts';
import type { Connection, ConnectionOwner, Origin, ReadCounters } from './connection.ts';
import type { Dialect } from './dialect.ts';
import type { RequestBytes } from './http/request.ts';
import type { IdleConnections } from './idle-connections.ts';
import type { Recorder } from './recorder.ts';
import type { ConnectionWatch } from './turn-watch.ts';

export interface ClientOptions {
  origin: Origin;
  clock: Clock;
  dialect: Dialect;
  requests: RequestBytes;
  timeouts: Timeouts;
  recorder: Pick<Recorder, 'append'>;
  counters: ReadCounters;
  /** The end of an attempt tells the generated text, which the dialect then has to keep. */
  tellAnswers?: boolean;
  /** Most memory that all answers under way may take together; the default is 1 GiB. */
  maxHeldBytes?: number | undefined;
  /** Is called at most once, with what a user should know about how the service behaves. */
  onNotice?: ((text: string) => void) | undefined;
  /** Is told of every socket, and of some reads. By default nobody is told. */
  watch?: ConnectionWatch;
}

/** The connections of a client, each in one of three states. */
export interface Connections {
  readonly options: ClientOptions;
  readonly owner: ConnectionOwner;
  /** Open, and waiting for work. */
  readonly idle: IdleConnections;
  /** Carrying an attempt. */
  readonly active: Set<Connection>;
  /** Opened ahead and neither open nor gone yet, with whom to tell. */
  readonly opening: Map<Connection, () => void>;
}
