//! Writes the page of a scenario: `cargo run -p portal --example page -- scenarios/02….txt agreements/stellar-hosted.toml > page.html`.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [scenario, agreement] = args.as_slice() else {
        return Err("name a scenario and an agreement file".into());
    };
    let (scenario, agreement) = (std::fs::read_to_string(scenario)?, std::fs::read_to_string(agreement)?);
    let scenario = promise::Scenario::read(&scenario, &"example".parse()?).map_err(|e| format!("{e:?}"))?;
    print!("{}", portal::statement_page(&scenario.statement(&agreement)?, &[], None));
    Ok(())
}
