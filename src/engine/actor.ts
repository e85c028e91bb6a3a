// Who asks: the doors above the engine name it without knowing the store.
export type { Actor } from "../store/store.ts";
