// Where berth differs from Docker's client and means to. docs/cli.md tells users the same.

interface OnPurpose {
  line: RegExp;
  why: string;
}

const ON_PURPOSE: readonly OnPurpose[] = [
];

export function whyOnPurpose(line: string): string | undefined {
  return ON_PURPOSE.find((entry) => entry.line.test(line))?.why;
}
