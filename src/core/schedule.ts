/** A schedule as the manifest holds it. Windows are half-open; zones are IANA names. */
export type ScheduleManifest = { readonly name: string } & (
  | { readonly kind: "preset"; readonly preset: "@hourly" | "@daily" | "@weekly" | "@monthly" | "@quarterly" | "@yearly" | "@once" | "@continuous"; readonly timezone: string }
  | { readonly kind: "daily"; readonly at: string; readonly timezone: string }
  | { readonly kind: "cron"; readonly expression: string; readonly timezone: string }
  | { readonly kind: "every"; readonly everyMs: number; readonly anchor: string }
);
