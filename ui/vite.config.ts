import { defineConfig, type ProxyOptions } from "vite";

const SERVER = "http://127.0.0.1:4747";

/** The server answers to its own name only, and to pages of its own origin: what comes from these pages is said to. */
const proxied: ProxyOptions = {
  target: SERVER,
  changeOrigin: true,
  configure: (proxy) =>
    void proxy.on("proxyReq", (toServer, { headers: { origin, host } }) => {
      if (origin === `http://${host}`) toServer.setHeader("origin", SERVER);
    }),
};

/** Built ahead by scripts/ui-folder.ts into dist/ui, which the server sends as it is. */
export default defineConfig({
  root: import.meta.dirname,
  base: "/",
  build: {
    target: "es2023",
    // "assets" is a page.
    assetsDir: "built",
    // No scripts or data in the page itself: the server's policy refuses them.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    emptyOutDir: true,
    rolldownOptions: {
      // Libraries say "use client", which means nothing where everything is the client.
      onLog: (level, log, tell) => (log.code === "MODULE_LEVEL_DIRECTIVE" ? undefined : tell(level, log)),
    },
  },
  worker: { format: "es" },
  // `npm run dev:ui` beside a `tutti dev` on its usual port.
  server: {
    // The pages use the client and the core of the package.
    fs: { allow: [".."] },
    proxy: Object.fromEntries(["/api", "/auth", "/health", "/metrics"].map((path) => [path, proxied])),
  },
});
