import { defineConfig } from "tutti";

export default defineConfig({});
