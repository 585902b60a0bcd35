/** The part of WebAssembly that this tool uses: Node has it, and the types of Node 20 leave it to the library of browsers. */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array);
  }
  class Instance {
    constructor(module: Module);
    readonly exports: Record<string, unknown>;
  }
  class RuntimeError extends Error {}
}
