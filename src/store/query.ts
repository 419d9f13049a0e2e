/** What a column can hold and a statement can bind. */
export type SqlValue = string | number | null;

/** One statement of ours, made once per place in the code: prepared statements are cached by it. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** A named statement with bound values. The name shows up in errors and metrics. */
export interface Query {
  readonly statement: Statement;
  readonly values: readonly SqlValue[];
}

/** Makes the `sql` tag of a database. Every `${}` is bound, never written into the text. */
export function queryTag(placeholder: (index: number) => string) {
  // The strings of a tagged template are one object per call site, so the text is joined once.
  const statements = new WeakMap<TemplateStringsArray, Statement>();
  return (name: string) =>
    (strings: TemplateStringsArray, ...values: SqlValue[]): Query => {
      let statement = statements.get(strings);
      if (statement === undefined) {
        statement = { name, text: strings.reduce((text, part, index) => `${text}${placeholder(index)}${part}`) };
        statements.set(strings, statement);
      }
      return { statement, values };
    };
}
