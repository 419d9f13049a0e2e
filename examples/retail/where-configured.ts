const NOT_THERE: readonly unknown[] = ["CONNECTION_NOT_CONFIGURED", "CONNECTION_NOT_DECLARED"];

/** Does the work where the configuration has its connection, and something else where it has not. */
export async function whereConfigured<T>(work: () => Promise<T>, otherwise: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!NOT_THERE.includes((error as { code?: unknown }).code)) throw error;
    return await otherwise();
  }
}
