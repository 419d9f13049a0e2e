import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { TuttiError } from "../core/errors.ts";

/** The package that speaks with a system is not installed. */
export class DriverMissing extends TuttiError {
  constructor(what: string, npmPackage: string, cause: unknown) {
    super(
      "DRIVER_MISSING",
      `${what} needs the package "${npmPackage}", which is not installed. Install it: npm install ${npmPackage}`,
      { cause },
    );
    this.name = "DriverMissing";
  }
}

export interface OptionalPackageOptions {
  /** What needs it, as the message begins: "DuckDB". */
  readonly what: string;
  /** Its name on npm. */
  readonly name: string;
  /** What `npm install` is told, where that is more than the name. Default: `name`. */
  readonly install?: string;
  /** Default: `import()`. */
  readonly load?: (specifier: string) => Promise<unknown>;
  /** Where to look when it is not beside this package. Default: the working directory, which in a task is the project's folder. */
  readonly folder?: string;
}

/** A driver that users install only where they need it: loaded when first asked for, then kept. */
export class OptionalPackage<Module> {
  readonly #options: OptionalPackageOptions;
  #loaded: Promise<Module> | null = null;

  constructor(options: OptionalPackageOptions) {
    this.#options = options;
  }

  /**
   * The package as `import()` gives it, from beside this package or else from the project's folder.
   *
   * @throws DriverMissing `DRIVER_MISSING` when it is in neither.
   */
  get(): Promise<Module> {
    this.#loaded ??= this.#load().catch((error: unknown) => {
      // Installed meanwhile, it is found by the next task without a restart.
      this.#loaded = null;
      throw error;
    });
    return this.#loaded;
  }

  async #load(): Promise<Module> {
    const { what, name, install = name, load = (specifier: string) => import(specifier), folder } = this.#options;
    try {
      return (await load(name)) as Module;
    } catch (error) {
      if (!isMissing(error, name)) throw error;
    }
    try {
      const project = createRequire(join(folder ?? process.cwd(), "package.json"));
      return (await load(pathToFileURL(project.resolve(name)).href)) as Module;
    } catch (error) {
      if (!isMissing(error, name)) throw error;
      throw new DriverMissing(what, install, error);
    }
  }
}

// Only the package itself: that one of its own parts is missing is another failure, and keeps its own message.
function isMissing(error: unknown, name: string): boolean {
  const { code, message } = error as { code?: string; message?: string };
  return (code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND") && message?.includes(`'${name}'`) === true;
}
