import { expect, test } from "bun:test";
import { applyChanges } from "./changes.ts";

test.each([
  [['CMD ["a","b c"]'], { Cmd: ["a", "b c"] }],
  [["CMD"], { Cmd: ["/bin/sh", "-c"] }],
  [["CMD echo hi there"], { Cmd: ["/bin/sh", "-c", "echo hi there"] }],
  [["cmd x"], { Cmd: ["/bin/sh", "-c", "x"] }],
  [['ENTRYPOINT ["/bin/sh","-c"]'], { Entrypoint: ["/bin/sh", "-c"] }],
  [['ENV a=b c="d e" f=g\\ h', "ENV old way x", "ENV a=again"], { Env: ["c=d e", "f=g h", "old=way x", "a=again"] }],
  [['LABEL x=1 "y z"="2 3"'], { Labels: { x: "1", "y z": "2 3" } }],
  [["EXPOSE 80 90/udp 100-102/TCP"], { ExposedPorts: { "80/tcp": {}, "90/udp": {}, "100/tcp": {}, "101/tcp": {}, "102/tcp": {} } }],
  [["VOLUME /x /y", 'VOLUME ["/z z"]'], { Volumes: { "/x": {}, "/y": {}, "/z z": {} } }],
  [["WORKDIR a", "WORKDIR b"], { WorkingDir: "/a/b" }],
  [["WORKDIR /a", "WORKDIR /c"], { WorkingDir: "/c" }],
  [["USER 5:6"], { User: "5:6" }],
  [["STOPSIGNAL SIGINT"], { StopSignal: "SIGINT" }],
  [["ONBUILD RUN make"], { OnBuild: ["RUN make"] }],
  [["HEALTHCHECK --interval=5s --retries=2 CMD curl x"], { Healthcheck: { Test: ["CMD-SHELL", "curl x"], Interval: 5e9, Retries: 2 } }],
  [['HEALTHCHECK CMD ["a"]'], { Healthcheck: { Test: ["CMD", "a"] } }],
  [["HEALTHCHECK NONE"], { Healthcheck: { Test: ["NONE"] } }],
] as [string[], object][])("%p", (changes, wanted) => expect(applyChanges({}, changes)).toEqual(wanted));

test("what was there stays, and is not changed in place", () => {
  const before = { Env: ["A=1"], Labels: { a: "1" } };
  expect(applyChanges(before, ["ENV B=2", "LABEL b=2"])).toEqual({ Env: ["A=1", "B=2"], Labels: { a: "1", b: "2" } });
  expect(before).toEqual({ Env: ["A=1"], Labels: { a: "1" } });
});

test.each([
  ["RUN x", "RUN is not a valid change command"],
  ["foo x", "FOO is not a valid change command"],
  ["", "file with no instructions"],
  ["ENV a", "ENV must have two arguments"],
  ["LABEL a", "LABEL must have two arguments"],
  ['ENV a=b c"', "unexpected end of statement"],
  ["EXPOSE x", "Invalid containerPort: x"],
  ["EXPOSE 99999", "Invalid containerPort: 99999"],
  ["WORKDIR", "WORKDIR requires exactly one argument"],
  ["HEALTHCHECK FOO", 'Unknown type "FOO" in HEALTHCHECK (try CMD)'],
  ["STOPSIGNAL foo", "invalid signal: foo"],
  ["ONBUILD FROM x", "FROM isn't allowed as an ONBUILD trigger"],
])("%p is refused: %s", (change, message) => expect(() => applyChanges({}, [change])).toThrow(message));
