/** What of Eleventy is used: it has no types of its own. */
declare module "@11ty/eleventy" {
  import type { MarkdownIt } from "./markdown.ts";

  interface Page {
    readonly inputPath: string;
    readonly url: string;
  }
  export interface Config {
    setTemplateFormats(formats: readonly string[]): void;
    addPlugin(plugin: unknown): void;
    addGlobalData(name: string, value: string | (() => (data: { readonly page: Page }) => string)): void;
    amendLibrary(name: "md", amend: (library: MarkdownIt) => void): void;
    addTemplate(path: string, content: string, data: object): void;
    addTransform(name: string, transform: (this: { readonly page: Page }, content: string) => string): void;
  }
  export class Eleventy {
    constructor(
      input: string,
      output: string,
      options: { quietMode: boolean; configPath: false; config: (config: Config) => void },
    );
    write(): Promise<void>;
  }
}
declare module "@11ty/eleventy-plugin-syntaxhighlight" {
  const plugin: unknown;
  export default plugin;
}
