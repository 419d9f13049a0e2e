import type { ServerContext } from "../server-context.ts";
import { LogsSource } from "./logs-source.ts";
import { RunSource } from "./run-source.ts";
import { RunsSource } from "./runs-source.ts";
import type { TopicSource } from "./topic-source.ts";
import { WorkflowsSource } from "./workflows-source.ts";

type Facts = Pick<ServerContext, "reader" | "catalog" | "places" | "config" | "loadProblems">;

/** Where the facts of a topic come from, by its name. Topics of another noun are a line here. */
export const topicSources =
  (server: Facts, touched: (topic: string) => void) =>
  (topic: string, tell: (data: object, workflow: string | null) => void): TopicSource => {
    const [kind, id = ""] = topic.split(":");
    switch (kind) {
      case "runs":
        return new RunsSource(server, tell);
      case "workflows":
        return new WorkflowsSource(server, tell);
      case "run":
        return new RunSource(id, server, tell);
      case "logs":
        return new LogsSource(id, server, tell, () => touched(topic));
      default:
        throw new TypeError(`there is no topic "${topic}"`);
    }
  };
