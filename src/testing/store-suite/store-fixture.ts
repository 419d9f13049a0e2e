import type { CommandInbox } from "../../store/command-inbox.ts";
import type { StoreReader } from "../../store/reader.ts";
import type { RunGroup, Store, TaskRunRecord, VersionRecord } from "../../store/store.ts";
import { running, sampleGroup, sampleRun, sampleRunId, sampleVersion } from "../store-samples.ts";

/** The run that most facts are about. */
export const RUN = sampleRunId(1);
export const DAY = 86_400_000_000;

export interface OpenedStore {
  readonly store: Store;
  readonly reader: Omit<StoreReader, "close">;
  readonly inbox: Omit<CommandInbox, "close">;
}

/** One database of one test. `open` after `close` finds what was written before. */
export interface StoreDatabase {
  open(): Promise<OpenedStore>;
  /** Another process's store on the same database. Without it, the database has one owner. */
  openBeside?(): Promise<Store>;
  /** Makes the time of leases pass. */
  advance(ms: number): void;
  close(): Promise<void>;
}

/** A fresh database with one workflow, "sales", of the tasks "a", "b" and "c". */
export class StoreFixture {
  readonly #make: () => Promise<StoreDatabase>;
  #database: StoreDatabase | null = null;
  #opened: OpenedStore | null = null;
  #version: VersionRecord | null = null;

  constructor(make: () => Promise<StoreDatabase>) {
    this.#make = make;
  }

  get store(): Store {
    return this.#opened!.store;
  }

  get reader(): OpenedStore["reader"] {
    return this.#opened!.reader;
  }

  get inbox(): OpenedStore["inbox"] {
    return this.#opened!.inbox;
  }

  get version(): VersionRecord {
    return this.#version!;
  }

  get tasks(): readonly number[] {
    return this.version.taskIds;
  }

  async setUp(): Promise<void> {
    this.#database = await this.#make();
    this.#opened = await this.#database.open();
    this.#version = await this.store.registerVersion(sampleVersion("sales", ["a", "b", "c"]));
  }

  openBeside(): Promise<Store> {
    return this.#database!.openBeside!();
  }

  advance(ms: number): void {
    this.#database!.advance(ms);
  }

  async tearDown(): Promise<void> {
    await this.#database?.close();
  }

  /** As a restart of the process does. */
  async reopen(): Promise<void> {
    await this.#database!.close();
    this.#opened = await this.#database!.open();
  }

  commit(...groups: readonly RunGroup[]) {
    return this.store.commit(groups);
  }

  /** Which of the groups were applied. */
  async applied(...groups: readonly RunGroup[]): Promise<readonly boolean[]> {
    return (await this.commit(...groups)).map((result) => result.applied);
  }

  async load(runId = RUN) {
    return (await this.store.loadRun(runId))!;
  }

  async taskRun(id: number): Promise<TaskRunRecord> {
    return (await this.load()).taskRuns.find((row) => row.id === id)!;
  }

  /** A run at revision 1 with its task "a" running under claim 1, unless told otherwise. Answers with the first id. */
  async startRun(runId = RUN, more: Partial<RunGroup> = {}): Promise<number> {
    const create = sampleRun(runId, this.version.id);
    const [result] = await this.commit(sampleGroup(runId, 0, { create, inserts: [running(this.tasks[0]!)], ...more }));
    return result!.ids[0]!;
  }
}
