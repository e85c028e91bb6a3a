import { expect, test } from "bun:test";
import { createKeyedLock } from "./lock.ts";

test("holders of one key run one after the other, in order of arrival", async () => {
  const lock = createKeyedLock();
  const order: string[] = [];
  let letGo = (): void => undefined;
  const gate = new Promise<void>((resolve) => (letGo = resolve));
  const first = lock.hold("a", async () => {
    order.push("first in");
    await gate;
    order.push("first out");
  });
  const second = lock.hold("a", async () => void order.push("second"));
  const third = lock.hold("a", async () => void order.push("third"));
  await lock.hold("b", async () => void order.push("other key"));
  letGo();
  await Promise.all([first, second, third]);
  expect(order).toEqual(["first in", "other key", "first out", "second", "third"]);
});

test("a holder that throws lets the next one in, and the key is forgotten at the end", async () => {
  const lock = createKeyedLock();
  await expect(lock.hold("a", async () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
  expect(await lock.hold("a", async () => 7)).toBe(7);
  expect(lock.isHeld("a")).toBe(false);
});
