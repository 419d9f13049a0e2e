import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { assetGraphQuery, assetsQuery } from "../../api/assets.ts";
import { CommandStrip, curlText } from "../../components/command-strip.tsx";
import { Empty } from "../../components/empty.tsx";
import { Head } from "../../components/head.tsx";
import { Section } from "../../components/section.tsx";
import { count, spelled } from "../../words/count-text.ts";
import { ASSET_STATES, type AssetState } from "../../words/asset-state.ts";
import { AssetSide } from "./asset-side.tsx";
import { AssetTable } from "./asset-table.tsx";
import { LineageCanvas } from "./lineage-canvas.tsx";
import "../../styles/graph.css";
import "../../styles/assets.css";

const route = getRouteApi("/assets");

/** Is the data fresh, and what hangs together? */
export function AssetsPage() {
  const { q, state, asset } = route.useSearch();
  const navigate = useNavigate({ from: "/assets" });
  const { data: assets } = useQuery(assetsQuery);
  const { data: graph } = useQuery(assetGraphQuery);
  if (assets === undefined || graph === undefined) return null;
  const set = (change: Partial<ReturnType<typeof route.useSearch>>): void =>
    void navigate({ search: (now) => ({ ...now, ...change }), replace: true, resetScroll: false });
  const late = assets.filter((each) => each.state === "late").length;
  const failing = assets.filter(({ checks }) => checks.fail > 0).length;
  const wanted = q?.toLowerCase() ?? "";
  const listed = assets.filter(
    (each) => (state === undefined || each.state === state) && each.name.toLowerCase().includes(wanted),
  );
  const chosen = assets.find(({ name }) => name === asset);
  return (
    <>
      <Head
        answer
        title={titleOf(assets.length, late)}
        facts={
          <>
            {assets.length > 0 && <span>{count(assets.length, "asset")}</span>}
            {failing > 0 && <span className="bad">{count(failing, "asset")} with a check that failed</span>}
          </>
        }
      />
      {assets.length === 0 ? (
        <Empty>
          An asset is something that tasks make and others read. <code>asset("warehouse://sales")</code> names one, and
          a task that <code>produces</code> it updates it when it succeeds.
        </Empty>
      ) : (
        <>
          <div className="filters">
            <label>
              find{" "}
              <input
                className="in quiet"
                type="search"
                placeholder="an asset"
                value={q ?? ""}
                onChange={({ target }) => set({ q: target.value || undefined })}
              />
            </label>
            <label>
              state{" "}
              <select
                value={state ?? ""}
                onChange={({ target }) => set({ state: (target.value || undefined) as AssetState | undefined })}
              >
                <option value="">any</option>
                {ASSET_STATES.map((each) => (
                  <option key={each}>{each}</option>
                ))}
              </select>
            </label>
          </div>
          <div className="split gridsplit">
            <LineageCanvas
              graph={graph}
              selected={asset ?? null}
              find={q ?? ""}
              onSelect={(name) => set({ asset: name ?? undefined })}
              onOpen={(name) => void navigate({ to: "/assets/$asset", params: { asset: name } })}
            />
            <AssetSide graph={graph} asset={chosen} onSelect={(name) => set({ asset: name })} />
          </div>
          <Section name="All" note={`${listed.length} of ${assets.length}`}>
            <AssetTable assets={listed} selected={asset} onSelect={(name) => set({ asset: name })} />
          </Section>
        </>
      )}
      <CommandStrip
        cli={state === "late" ? "tutti assets --late" : "tutti assets"}
        curl={curlText("GET", `/api/assets${state === undefined ? "" : `?state=${state}`}`)}
      />
    </>
  );
}

function titleOf(all: number, late: number): string {
  if (all === 0) return "No asset is known.";
  if (late === 0) return "Nothing is late.";
  return `${spelled(late)} ${late === 1 ? "asset is" : "assets are"} late.`;
}
