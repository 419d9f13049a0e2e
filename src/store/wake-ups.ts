/**
 * Hints that something has arrived, from process to process. Never relied on: a listener is also called when nothing came for a
 * while, and whoever is called looks for himself. A hint may bring a word along that is nowhere else, and is lost where nobody listens.
 */
export interface WakeUps {
  /** After the commit of what there is to see. Several within one turn of the loop are one; of their words the last one counts. */
  notify(channel: string, word?: string): void;
  /** Answers how to stop. */
  listen(channel: string, call: () => void): () => void;
  /** Called with every channel that is heard of, whoever it is for, and the word that came along; not when nothing came. Answers how to stop. */
  listenAll(call: (channel: string, word: string | null) => void): () => void;
  close(): Promise<void>;
}
