// ~/.docker/config.json: read leniently, rewritten atomically with mode 0600; members we do not know are kept.
import { chmodSync, existsSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { failure } from "./failure.ts";

export interface StoredAuth {
  auth?: string;
  identitytoken?: string;
  email?: string;
}

export class ConfigFile {
  readonly directory: string;
  readonly #members: Record<string, unknown>;

  private constructor(directory: string, members: Record<string, unknown>) {
    this.directory = directory;
    this.#members = members;
  }

  /** A missing file is an empty one; a broken one is told through `warn`. */
  static read(directory: string, warn: (text: string) => void): ConfigFile {
    const path = join(directory, "config.json");
    let text: string;
    try {
      text = readFileSync(path, "utf8");
    } catch {
      return new ConfigFile(directory, {});
    }
    try {
      return new ConfigFile(directory, JSON.parse(text) as Record<string, unknown>);
    } catch (error) {
      warn(`WARNING: Error parsing config file (${path}): ${error instanceof Error ? error.message : String(error)}\n`);
      return new ConfigFile(directory, {});
    }
  }

  get path(): string {
    return join(this.directory, "config.json");
  }

  text(key: string): string | undefined {
    const value = this.#members[key];
    return typeof value === "string" ? value : undefined;
  }

  list(key: string): readonly string[] {
    const value = this.#members[key];
    return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
  }

  record<T>(key: string): Readonly<Record<string, T>> {
    const value = this.#members[key];
    return value !== null && typeof value === "object" && !Array.isArray(value) ? (value as Record<string, T>) : {};
  }

  set(key: string, value: unknown): void {
    if (value === undefined) delete this.#members[key];
    else this.#members[key] = value;
  }

  /** Writes beside the file and renames over it; a symbolic link stays one. */
  save(): void {
    mkdirSync(this.directory, { recursive: true, mode: 0o700 });
    const target = existsSync(this.path) ? realpathSync(this.path) : this.path;
    const temporary = join(dirname(target), `.config.json.${process.pid}.${Date.now()}`);
    try {
      const { auths, ...rest } = this.#members;
      writeFileSync(temporary, JSON.stringify(auths === undefined ? rest : { auths, ...rest }, null, "\t"), { mode: existsSync(target) ? statSync(target).mode & 0o777 : 0o600, flag: "wx" });
      if (existsSync(target)) chmodSync(temporary, statSync(target).mode & 0o600);
      renameSync(temporary, target);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw failure(`Error saving credentials: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
