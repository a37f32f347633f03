/** Stands in for the wasm glue where a test never runs a model: touching it is the failure. */
export class Session {
  constructor() {
    throw new Error("no model in this test");
  }
}
export class Bench {
  constructor() {
    throw new Error("no model in this test");
  }
}
export function draw(): void {
  throw new Error("no model in this test");
}
export function initSync(): void {
  throw new Error("no model in this test");
}
