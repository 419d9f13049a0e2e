interface Driver {
  readonly id: string;
  readonly state: string;
}

/** What a standalone master says of itself, past all our own code. */
export class SparkPage {
  /** In the order in which they were submitted. */
  readonly drivers: readonly Driver[];
  /** Applications that have executors, or wait for them. */
  readonly active: readonly { readonly id: string; readonly name: string }[];

  private constructor(drivers: readonly Driver[], active: SparkPage["active"]) {
    this.drivers = drivers.toSorted((a, b) => a.id.localeCompare(b.id));
    this.active = active;
  }

  static async read(ui: string): Promise<SparkPage> {
    const page = (await (await fetch(`${ui}/json/`)).json()) as Record<string, never[]>;
    return new SparkPage([...page["activedrivers"]!, ...page["completeddrivers"]!], page["activeapps"]!);
  }
}
