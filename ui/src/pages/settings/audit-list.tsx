import { useInfiniteQuery } from "@tanstack/react-query";
import { auditQuery } from "../../api/access.ts";
import { Button } from "../../components/button.tsx";
import { Empty } from "../../components/empty.tsx";
import { Moment } from "../../components/moment.tsx";
import { saidText } from "../../words/said-text.ts";

/** Who changed what, and how it was before. */
export function AuditList() {
  const { data, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(auditQuery(undefined));
  const lines = data?.pages.flatMap(({ items }) => items) ?? [];
  if (data !== undefined && lines.length === 0) return <Empty>Nothing was changed yet.</Empty>;
  return (
    <>
      <table>
        <thead>
          <tr>
            <th>at</th>
            <th>who</th>
            <th>what</th>
            <th>of</th>
            <th className="wide">before</th>
            <th className="wide">after</th>
          </tr>
        </thead>
        <tbody>
          {lines.map(({ id, at, actor, action, target, before, after }) => (
            <tr key={id}>
              <td className="nowrap">
                <Moment at={at} />
              </td>
              <td className="wrap">{actor}</td>
              <td>{action}</td>
              <td className="wrap">{target}</td>
              <td className="wide dim wrap">{saidText(before)}</td>
              <td className="wide dim wrap">{saidText(after)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {hasNextPage && (
        <p className="more">
          <Button busy={isFetchingNextPage} onPress={() => void fetchNextPage()}>
            Older
          </Button>
        </p>
      )}
    </>
  );
}
