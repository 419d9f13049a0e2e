export { type ObjectInfo } from "../../objects/object-store.ts";
export { DriverMissing } from "../optional-package.ts";
export { type NewObjects } from "./new-objects.ts";
export {
  objectStore,
  type NewObjectsOptions,
  type OnNewObjectsOptions,
  type Objects,
  type ObjectContent,
  type WriteObjectOptions,
} from "./object-store.ts";
