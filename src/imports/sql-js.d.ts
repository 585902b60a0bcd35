declare module 'sql.js/dist/sql-wasm-inline.js' {
  interface Statement {
    step(): boolean;
    get(): unknown[];
    free(): void;
  }
  interface Database {
    prepare(sql: string): Statement;
    close(): void;
  }
  export default function initSqlJs(): Promise<{ Database: new (bytes: Uint8Array) => Database }>;
}
