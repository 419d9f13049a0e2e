import { defineConfig } from "tutti";

export default defineConfig({ pools: { ledger: 1, gpu: 4 } });
