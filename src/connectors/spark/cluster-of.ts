import type { Context } from "../../authoring/context.ts";
import { KubernetesCluster } from "./kubernetes-cluster.ts";
import type { SparkCluster } from "./spark-cluster.ts";
import type { SparkConnection } from "./spark-connection.ts";
import { StandaloneCluster } from "./standalone-cluster.ts";
import { YarnCluster } from "./yarn-cluster.ts";

/** What speaks for the cluster that a connection names. */
export function clusterOf(ctx: Context, connection: SparkConnection): SparkCluster {
  if (connection.manager === "yarn") return new YarnCluster(ctx, connection);
  if (connection.manager === "kubernetes") return new KubernetesCluster(ctx, connection);
  return new StandaloneCluster(connection);
}
