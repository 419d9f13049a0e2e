/**
 * Hints that something has arrived, from process to process. Never data, and never relied on: a listener is also called
 * when nothing came for a while, and whoever is called looks for himself.
 */
export interface WakeUps {
  /** After the commit of what there is to see. Several within one turn of the loop are one. */
  notify(channel: string): void;
  /** Answers how to stop. */
  listen(channel: string, call: () => void): () => void;
  /** Called with every channel that is heard of, whoever it is for; not when nothing came. Answers how to stop. */
  listenAll(call: (channel: string) => void): () => void;
  close(): Promise<void>;
}
