// Where berth differs from Docker's client and means to. docs/cli.md tells users the same.

interface OnPurpose {
  line: RegExp;
  why: string;
}

const ON_PURPOSE: readonly OnPurpose[] = [
  { line: /^docker( (-H unix:\S+ )?(version|info|system info|manifest|builder))?$|^docker nonsense --help/, why: "berth tells its own version, and its own list of commands" },
  { line: /^docker (ps -a|inspect( .*)?) (--format|-f) '\{\{(\.|\.NetworkSettings\.Networks)\}\}'/, why: "Docker prints the addresses of its pointers" },
  { line: /-e A=1 -e B= -e C/, why: "berth keeps the order that was given; Docker's is another every time" },
  { line: /^docker images --tree/, why: "no escape codes where there is no terminal, and images in use are marked" },
  { line: /^docker attach --detach-keys nope|detachKeys.*attach sw-up/, why: "Docker says only: unable to upgrade to tcp, received 400" },
  { line: /^docker cp \/nope/, why: "Docker writes //nope" },
  { line: /^docker volume (update|create --(availability|group|limit-bytes|required-bytes|scope|sharing|type))/, why: "no swarm, no cluster volumes; Docker's daemon says so too" },
  { line: /echo nonsense >c\/config.json/, why: "what is wrong with a JSON text is told in the words of another parser" },
  { line: /^docker manifest inspect 127.0.0.1:1/, why: "the daemon asks the registry, with its credentials and its rules for localhost" },
  { line: /^docker volume rm sw-vol/, why: "what is in the way is told" },
  { line: /^docker -H (nonsense|http:\S+|'') ps|^DOCKER_HOST=nope docker ps/, why: "http:// is an address, and there is a socket of berth's own; who cannot be reached is named in one sentence" },
];

export function whyOnPurpose(line: string): string | undefined {
  return ON_PURPOSE.find((entry) => entry.line.test(line))?.why;
}
