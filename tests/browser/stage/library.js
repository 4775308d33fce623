// A library of its own for each file of tests: made by the program, run by the program, ended by its
// process id.
import { spawn, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
/** What the scripts' library knows: its answers stay as they are when the sample's are bettered. */
const KNOWLEDGE = join(here, "../../library");
const FOLDERS = ["branches", "collections", "faq", "pages"];
const target = process.env.CARGO_TARGET_DIR ?? join(here, "../../../target");
/** The program that cargo has built; POLLEN names another. */
const PROGRAM = process.env.POLLEN ?? join(target, "debug", "pollen-staged");
/** How long the program may take to be ready: its index is built first. */
const READY_MS = 30_000;

/** A library folder with its program running. */
export class Library {
  /** Where the page stands, without a `/` at the end. */
  address = "";
  /** The desk's password. */
  password = "";
  #dir;
  #program = null;

  /** Makes a library and starts it; `web` are lines for `[web]` in its settings, `sample` leaves it
   * what the sample library knows. */
  static async open(t, { web = [], sample = false } = {}) {
    const library = new Library();
    library.#dir = mkdtempSync(join(tmpdir(), "pollen-browser-"));
    const folder = library.#folder;
    const made = spawnSync(PROGRAM, ["init", folder], { encoding: "utf8" });
    if (made.status !== 0) throw new Error(`${PROGRAM} init: ${made.error ?? made.stderr}`);
    library.password = /password is (\S+)\./.exec(made.stdout + made.stderr)[1];
    for (const name of sample ? [] : FOLDERS) {
      rmSync(join(folder, name), { recursive: true });
      cpSync(join(KNOWLEDGE, name), join(folder, name), { recursive: true });
    }
    // The tests write faster than people do.
    library.#settle(['listen = "127.0.0.1:0"', "per_person = 10000", "per_address = 10000", ...web]);
    t.after(() => library.close());
    await library.start();
    return library;
  }

  get #folder() {
    return join(this.#dir, "library");
  }

  /** Puts settings below `[web]`; a setting that stands there already is replaced. */
  #settle(lines) {
    const file = join(this.#folder, "pollen.toml");
    let text = readFileSync(file, "utf8");
    for (const line of lines) {
      const name = line.split(" = ")[0];
      text = text.replace(new RegExp(`^${name} = .*\n`, "m"), "");
      text = text.replace(/^\[web\]\n/m, `[web]\n${line}\n`);
    }
    writeFileSync(file, text);
  }

  /** Starts the program; once it has run, on the same port as before. */
  async start() {
    const program = spawn(PROGRAM, ["serve", "-L", this.#folder], { stdio: ["ignore", "ignore", "pipe"] });
    this.#program = program;
    let said = "";
    this.address = await new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`the program is not ready:\n${said}`)), READY_MS);
      program.stderr.setEncoding("utf8").on("data", (words) => {
        said += words;
        const ready = /ready: .*(http:\/\/[0-9.:]+)/.exec(said);
        if (!ready) return;
        clearTimeout(late);
        resolve(ready[1]);
      });
      program.on("exit", () => reject(new Error(`the program has ended:\n${said}`)));
    });
    this.#settle([`listen = "${new URL(this.address).host}"`]);
  }

  /** Ends the program, with no time to say goodbye unless told so, and waits until it is gone. */
  async end(signal = "SIGKILL") {
    const program = this.#program;
    if (!program || program.exitCode !== null || program.signalCode !== null) return;
    const gone = new Promise((resolve) => program.once("exit", resolve));
    process.kill(program.pid, signal);
    await gone;
  }

  async close() {
    await this.end();
    rmSync(this.#dir, { recursive: true, force: true });
  }
}
