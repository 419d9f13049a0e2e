// A program as users of the crate write one; built by scripts/systems/pipes.ts.
use dagster_pipes_rust::{open_dagster_pipes, AssetCheckSeverity, DagsterPipesError, PipesMetadataValue};
use serde_json::json;
use std::collections::HashMap;

fn main() -> Result<(), DagsterPipesError> {
    let mut context = open_dagster_pipes()?;
    println!("a plain line");
    context.logger.info("counting")?;
    let seen = json!({
        "partition": context.data.partition_key,
        "run": context.data.run_id,
        "retry": context.data.retry_number,
        "extras": context.data.extras,
    });
    context.report_custom_message(seen)?;
    let rows = PipesMetadataValue::from_md("**42** rows".to_string());
    context.report_asset_materialization("sales/daily", HashMap::from([("rows", rows)]), Some("v1"))?;
    context.report_asset_check(
        "not_empty",
        true,
        "sales/daily",
        &AssetCheckSeverity::Error,
        HashMap::new(),
    )?;
    context.close(None)?;
    Ok(())
}
