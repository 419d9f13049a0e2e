import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { ApiError, isSignedOut } from "./tutti.ts";
import { session } from "./session.ts";

/** What was heard of the server. It is kept fresh by the stream of events, so nothing is asked twice by itself. */
export const queryClient: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError: noticed }),
  mutationCache: new MutationCache({ onError: noticed }),
  defaultOptions: {
    queries: {
      staleTime: Infinity,
      gcTime: 10 * 60_000,
      refetchOnWindowFocus: false,
      // A refusal stays one; a server that is away comes back.
      retry: (_failures, error) => error instanceof ApiError && (error.status === 0 || error.status >= 502),
      retryDelay: (failures) => Math.min(500 * 2 ** failures, 5_000),
    },
  },
});

function noticed(error: unknown): void {
  if (isSignedOut(error)) session.ended();
}
