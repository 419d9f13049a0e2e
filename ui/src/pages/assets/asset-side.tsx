import { Link } from "@tanstack/react-router";
import type { Asset, AssetGraph } from "../../api/assets.ts";
import { madeFrom } from "../../assets/lineage.ts";
import { Fact, Facts } from "../../components/facts.tsx";
import { StateWord } from "../../components/mark.tsx";
import { Moment } from "../../components/moment.tsx";
import { ASSET_MARKS } from "../../words/asset-state.ts";

interface AssetSideProps {
  readonly graph: AssetGraph;
  readonly asset: Asset | undefined;
  readonly onSelect: (name: string) => void;
}

const SHOWN = 12;

/** What there is to know of the selected asset. */
export function AssetSide({ graph, asset, onSelect }: AssetSideProps) {
  if (asset === undefined)
    return (
      <aside className="side" aria-label="Selected">
        <p className="dim">
          Select an asset: how old it may be, who makes it, who reads it, and what goes stale with it.
        </p>
      </aside>
    );
  const { name, description, owner, state, freshness, last, checks, makers, readers, starts } = asset;
  const stale = madeFrom(graph, name);
  return (
    <aside className="side" aria-label="Selected">
      <h2 className="wrap">
        <Link className="link" to="/assets/$asset" params={{ asset: name }}>
          {name}
        </Link>
      </h2>
      {description !== null && <p className="dim wrap">{description}</p>}
      <Facts>
        <Fact name="state">
          <StateWord state={ASSET_MARKS[state]}>{state}</StateWord>
        </Fact>
        {freshness !== null && <Fact name="freshness">{freshness.text}</Fact>}
        {freshness?.lateSince !== undefined && (
          <Fact name="late since">
            <Moment at={freshness.lateSince} />
          </Fact>
        )}
        <Fact name="updated">{last === null ? "never" : <Moment at={last.at} />}</Fact>
        <Fact name="checks">
          {checks.pass} pass{checks.warn > 0 && `, ${checks.warn} warn`}
          {checks.fail > 0 && <span className="bad">, {checks.fail} fail</span>}
        </Fact>
        {owner !== null && <Fact name="owner">{owner}</Fact>}
      </Facts>
      <Places word="Made by" places={makers} />
      <Places word="Read by" places={[...readers, ...starts.map((workflow) => ({ workflow, task: "starts" }))]} />
      <h3>
        Goes stale with it <span>{stale.length}</span>
      </h3>
      {stale.length === 0 && <p className="dim">nothing</p>}
      <ul className="plainlist">
        {stale.slice(0, SHOWN).map((each) => (
          <li key={each}>
            <button type="button" className="link wrap" onClick={() => onSelect(each)}>
              {each}
            </button>
          </li>
        ))}
        {stale.length > SHOWN && <li className="dim">{stale.length - SHOWN} more</li>}
      </ul>
    </aside>
  );
}

interface PlacesProps {
  readonly word: string;
  readonly places: readonly { readonly workflow: string; readonly task: string }[];
}

export const Places = ({ word, places }: PlacesProps) => (
  <>
    <h3>
      {word} <span>{places.length}</span>
    </h3>
    {places.length === 0 && <p className="dim">nobody</p>}
    <Facts>
      {places.slice(0, SHOWN).map(({ workflow, task }) => (
        <Fact key={`${workflow} ${task}`} name={task}>
          <Link
            className="link wrap"
            to="/workflows/$workflow"
            params={{ workflow }}
            search={task === "starts" ? {} : { task }}
          >
            {workflow}
          </Link>
        </Fact>
      ))}
    </Facts>
  </>
);
