import { chain, dag, task } from "tutti";

const extract = task("extract", () => console.log("Extracting data..."));
const transform = task("transform", () => console.log("Transforming data..."));
const load = task("load", () => console.log("Loading data..."));

export default dag("hello", { schedule: "@daily", start: "2025-08-12" }, () => {
  chain(extract(), transform(), load());
});
