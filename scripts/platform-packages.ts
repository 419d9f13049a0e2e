interface Lock {
  readonly packages: Record<string, LockEntry>;
}

/** Of one package in package-lock.json; what else npm keeps there passes through. */
interface LockEntry {
  readonly version?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const SYSTEMS = ["android", "darwin", "freebsd", "linux", "openharmony", "win32"];
const PROCESSORS = ["arm", "arm64", "ia32", "ppc64", "riscv64", "s390x", "x64"];
const LIBRARIES: Readonly<Record<string, string>> = {
  gnu: "glibc",
  gnueabihf: "glibc",
  musl: "musl",
  musleabihf: "musl",
};

export function readLock(text: string): Lock {
  return JSON.parse(text) as Lock;
}

/** The optional dependencies of which the lock names a version but has no entry; each entry is skipped by npm on other platforms. */
export function missingPlatforms(lock: Lock): { path: string; entry: LockEntry }[] {
  return Object.entries(lock.packages).flatMap(([parent, { dev, optionalDependencies = {} }]) =>
    Object.entries(optionalDependencies)
      .map(([name, version]) => ({ name, version, path: `node_modules/${name}` }))
      .filter(({ name, path }) => !(path in lock.packages) && !(`${parent}/node_modules/${name}` in lock.packages))
      .map(({ name, version, path }) => ({ path, entry: entryOf(name, version, dev === true) })),
  );
}

/** From a name like `@oxlint/binding-linux-arm64-musl`. */
function entryOf(name: string, version: string, dev: boolean): LockEntry {
  const words = name.split(/[/-]/);
  const os = words.filter((word) => SYSTEMS.includes(word));
  const cpu = words.filter((word) => PROCESSORS.includes(word));
  const libc = words.flatMap((word) => LIBRARIES[word] ?? []);
  if (os.length !== 1 || cpu.length !== 1 || !/^\d+\.\d+\.\d+\S*$/.test(version)) {
    throw new Error(
      `"${name}@${version}" does not name one version for one platform. Add it to package-lock.json by hand.`,
    );
  }
  return { version, cpu, ...(dev && { dev }), ...(libc.length > 0 && { libc }), optional: true, os };
}
