/** What the pieces of a waterfall stand for. */
export const WaterfallKey = () => (
  <p className="key">
    <span className="st">
      <i className="k sg wait" />
      waiting
    </span>
    <span className="st">
      <i className="k sg q" />
      queued
    </span>
    <span className="st">
      <i className="k sg deferred" />
      deferred
    </span>
    <span className="st">
      <i className="k sg ran running" />
      running
    </span>
    <span className="st">
      <i className="k sg ran succeeded" />
      ended well
    </span>
    <span className="st">
      <i className="k sg ran failed" />
      ended badly
    </span>
    <span className="st">
      <i className="k sg back" />
      up_for_retry
    </span>
  </p>
);
