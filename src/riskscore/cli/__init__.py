"""The command line: one file for each group of commands.

Exit codes: 0 fine, 1 the data or the model says no, 2 the command was not understood. Results go to standard output;
progress and faults go to standard error.
"""

from riskscore.cli import (
    access,
    definitions,
    demo,
    features,
    ingest,
    models,
    portfolio,
    recommendations,
    records,
    replay,
    report,
    report_meeting,
    score,
    serve,
    training,
    validation_reports,
)
from riskscore.cli.app import app

app.command("demo", epilog="Example: `riskscore demo --members 3000`")(demo.demo)
app.command("init", epilog="Example: `riskscore init my-bank`")(definitions.init)
app.command("simulate", epilog="Example: `riskscore simulate portfolio --members 3000 --seed 7`")(portfolio.simulate)
app.add_typer(ingest.group, name="ingest")
app.command("check", epilog="Example: `riskscore check portfolio`")(portfolio.check)
app.command("features", epilog="Example: `riskscore features portfolio --recipe member_default --out f.parquet`")(
    features.features
)
app.command("train", epilog="Example: `riskscore train member_default portfolio --promote`")(training.train)
app.command(
    "score",
    epilog="Example: `riskscore score portfolio --recipe member_default --as-of 2025-06-30 --out s.parquet`",
)(score.score)
app.add_typer(models.group, name="models")
app.add_typer(report.group, name="report")
report.group.command(
    "validation", epilog="Example: `riskscore report validation member_default my-bank --out validation.html`"
)(validation_reports.validation)
report.group.command(
    "stability", epilog="Example: `riskscore report stability member_default my-bank --out stability.html`"
)(validation_reports.stability)
report.group.command("meeting", epilog="Example: `riskscore report meeting CB00011 --out meeting`")(
    report_meeting.meeting
)
app.command("serve", epilog="Example: `riskscore serve --portfolio portfolio --port 3000`")(serve.serve)
app.command("replay", epilog="Example: `riskscore replay s_4f1c0d2e --portfolio portfolio`")(replay.replay)
app.command("recommendations", epilog="Example: `riskscore recommendations my-bank --out recommendations.parquet`")(
    recommendations.recommendations
)
app.add_typer(access.group, name="access")
app.add_typer(records.group, name="records")

__all__ = ["app"]
