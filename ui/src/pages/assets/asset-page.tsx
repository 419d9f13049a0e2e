import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { assetGraphQuery, assetQuery, materializationsQuery } from "../../api/assets.ts";
import { Button } from "../../components/button.tsx";
import { CommandStrip, commandLine, curlText } from "../../components/command-strip.tsx";
import { Head } from "../../components/head.tsx";
import { StateWord } from "../../components/mark.tsx";
import { Moment } from "../../components/moment.tsx";
import { Section } from "../../components/section.tsx";
import { ASSET_MARKS } from "../../words/asset-state.ts";
import { CheckList } from "./check-list.tsx";
import { LineageCanvas } from "./lineage-canvas.tsx";
import { MaterializationTable } from "./materialization-table.tsx";
import { MetadataCharts } from "./metadata-charts.tsx";
import { Places } from "./asset-side.tsx";
import "../../styles/graph.css";
import "../../styles/assets.css";

const route = getRouteApi("/assets/$asset");
/** Up and down from it, on its page. */
const STEPS = 2;

/** Is it fresh, who makes it, who reads it, and what did it look like before? */
export function AssetPage() {
  const { asset: name } = route.useParams();
  const navigate = useNavigate();
  const { data: asset, error } = useQuery(assetQuery(name));
  const { data: graph } = useQuery(assetGraphQuery);
  const { data, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(materializationsQuery(name));
  if (error !== null) throw error;
  if (asset === undefined || graph === undefined || data === undefined) return null;
  const updates = data.pages.flatMap(({ items }) => items);
  const { description, owner, state, freshness, last, makers, readers, starts, findings, tags } = asset;
  const open = (to: string | null): void =>
    to === null || to === name ? undefined : void navigate({ to: "/assets/$asset", params: { asset: to } });
  return (
    <>
      <Head
        title={name}
        facts={
          <>
            <StateWord state={ASSET_MARKS[state]}>{state}</StateWord>
            {freshness !== null && <span>{freshness.text}</span>}
            {freshness?.lateSince !== undefined && (
              <span className="bad">
                since <Moment at={freshness.lateSince} />
              </span>
            )}
            <span>
              {last === null ? (
                "never updated"
              ) : (
                <>
                  updated <Moment at={last.at} />
                </>
              )}
            </span>
            {owner !== null && (
              <span>
                owner <b>{owner}</b>
              </span>
            )}
            {tags.length > 0 && <span>{tags.join(", ")}</span>}
          </>
        }
      />
      {description !== null && <p className="lead wrap">{description}</p>}
      <div className="split gridsplit">
        <LineageCanvas graph={graph} selected={name} steps={STEPS} onSelect={open} onOpen={open} />
        <aside className="side" aria-label="About it">
          <h2 className="out">About it</h2>
          <CheckList findings={findings} />
          <Places word="Made by" places={makers} />
          <Places word="Read by" places={[...readers, ...starts.map((workflow) => ({ workflow, task: "starts" }))]} />
        </aside>
      </div>
      <Section name="Figures" note="of what its updates said">
        <MetadataCharts updates={updates} />
      </Section>
      <Section name="Updates" note="newest first">
        {updates.length === 0 ? (
          <p className="dim">It has never been updated. A task that produces it does that when it succeeds.</p>
        ) : (
          <MaterializationTable updates={updates} />
        )}
        {hasNextPage && (
          <p className="more">
            <Button busy={isFetchingNextPage} onPress={() => void fetchNextPage()}>
              Older
            </Button>
          </p>
        )}
      </Section>
      <CommandStrip
        cli={commandLine("tutti", "assets", "show", name)}
        curl={curlText("GET", `/api/assets/${encodeURIComponent(name)}`)}
      />
    </>
  );
}
