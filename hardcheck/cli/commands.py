"""What can be typed: the commands with their options. What they do is in the module of each."""

from __future__ import annotations

from pathlib import Path

import click

from hardcheck import STATEMENT, __version__
from hardcheck.cli.aliases import AliasFiles
from hardcheck.cli.appearance import Appearance
from hardcheck.cli.asked import Asked
from hardcheck.cli.boundary import Boundary
from hardcheck.cli.option import (
    ASSUME_LINKED,
    BETWEEN_SLICES,
    END_CAPS,
    PLAN_PATH,
    PLAN_PATH_OR_NONE,
    SETTINGS,
    TPS,
    Pair,
    Paths,
    alias_options,
    course_options,
    existing,
    level_of,
    levels_of,
    look_options,
    mapping_of,
    metrics_of,
    plan_options,
)
from hardcheck.cli.output import folder_of, outputs_of, refuse_beside_folder
from hardcheck.cli.question import Question
from hardcheck.cli.status import Status
from hardcheck.cli.terms import Terms
from hardcheck.errors import UsageError

FILE = click.Path(path_type=Path)
FORMS = ("proknow", "clearplan", "eclipse")


@click.group(cls=Boundary, context_settings={"help_option_names": ["-h", "--help"]}, epilog=STATEMENT)
@click.version_option(__version__, message=f"hardcheck {__version__}\n{STATEMENT}")
def hardcheck() -> None:
    """Check a radiotherapy plan (DICOM RT) against a protocol, and say how sure each number is."""


@hardcheck.command()
@PLAN_PATH
@click.option("-p", "--protocol", metavar="PROTOCOL[:REGIMEN]", help="A shipped protocol or a protocol file.")
@click.option(
    "--level",
    "levels",
    multiple=True,
    type=Pair("NAME", "GY", "--level LR=50.6"),
    help="A prescription level chosen for this patient.",
)
@alias_options
@click.option(
    "-o",
    "destinations",
    multiple=True,
    is_eager=True,  # known before the paths are looked at
    metavar="FILE|FOLDER/",
    help="Write a report: .html, .pdf, .json, .csv or .xml (JUnit). Into a folder, one of each plan and a list of all.",
)
@click.option("--json", "json_to", metavar="FILE|-", help="Write the result as JSON, - for standard output.")
@click.option(
    "--accepted",
    metavar="EVALUATION.json",
    type=FILE,
    help="Show what people accepted in an earlier evaluation, where goal, value, limit and inputs are the same.",
)
@click.option(
    "--vertex-dose",
    type=click.Choice(["separate", "added", "instead"]),
    default="separate",
    show_default=True,
    help="You declare how the dose of vertices is given: in a plan of its own, or in this one.",
)
@click.option("--strict", is_flag=True, help="Exit with 1 for VARIATION too.")
@click.option("--anonymous", is_flag=True, help="Leave the identity of the patient out.")
@look_options
@TPS
@course_options
@END_CAPS
@BETWEEN_SLICES
def check(
    path: Paths,
    protocol: str | None,
    levels: tuple[tuple[str, str], ...],
    mapping: tuple[tuple[str, str], ...],
    absent: tuple[str, ...],
    aliases: Path | None,
    save_aliases: Path | None,
    destinations: tuple[str, ...],
    json_to: str | None,
    accepted: Path | None,
    vertex_dose: str,
    strict: bool,
    anonymous: bool,
    settings: Path | None,
    template: Path | None,
    tps: Path | None,
    plans: tuple[str, ...],
    course: bool,
    structures_from: str | None,
    assume_linked: bool,
    end_caps: str,
    between_slices: str,
) -> Status:
    """Hold a plan against a protocol.

    PATH is a folder, any mix of DICOM files, or a zip of them; with --course one for each plan.

    With -o FOLDER/ every plan of every PATH is checked by itself: of each folder, of each zip, and of all other files.

    Exit status: 0 PASS or VARIATION, 1 FAIL, 3 REVIEW, 2 the command or the input is wrong. With -o FOLDER/ the worst
    of all plans: 1, then 2 where one was refused, then 3.
    """
    folder = folder_of(destinations)
    if folder is not None:
        unused = {
            "--plan": plans, "--course": course, "--structures-from": structures_from, "--tps": tps,
            "--accepted": accepted, "--save-aliases": save_aliases,
        }  # fmt: skip
        refuse_beside_folder([option for option, value in unused.items() if value])
        from hardcheck.cli.rounds import check_rounds

        return check_rounds(
            path if isinstance(path, tuple) else (path,),
            folder,
            Terms(
                protocol, levels_of(levels), mapping_of(mapping), absent, aliases, vertex_dose, end_caps, between_slices
            ),
            outputs=outputs_of((), (), {"json": json_to}),
            assume_linked=assume_linked,
            strict=strict,
            anonymous=anonymous,
            look=Appearance(settings, template, None),
        )
    outputs = outputs_of(
        [Path(name) for name in destinations], ("html", "pdf", "json", "csv", "xml"), {"json": json_to}
    )
    from hardcheck.cli.check import check_plan

    return check_plan(
        path,
        protocol,
        levels=levels_of(levels),
        mapping=mapping_of(mapping),
        absent=absent,
        alias_files=AliasFiles.of(aliases, save_aliases, mapping, outputs),
        outputs=outputs,
        accepted=accepted,
        vertex_dose=vertex_dose,
        strict=strict,
        anonymous=anonymous,
        look=Appearance(settings, template, outputs),
        tps=tps,
        asked=Asked(plans, assume_linked, course, structures_from),
        end_caps=end_caps,
        between_slices=between_slices,
    )


@hardcheck.command()
@PLAN_PATH
@click.option(
    "-s",
    "--structure",
    "structures",
    multiple=True,
    metavar="ROI",
    help="ROI by name or number; all where none is given.",
)
@click.option(
    "-m", "--metric", "metrics", multiple=True, metavar="METRIC", help="Such as D95%[Gy], V20Gy[%], D0.03cc[Gy]."
)
@click.option(
    "--level", metavar="GY", help="The dose that percentages of dose are of, as in V100%[%] or D95%[%]: --level 66."
)
@click.option(
    "--fractions",
    type=click.IntRange(1, 100),
    metavar="N",
    help="What the dose is given in, for EQD2 and BED, where the plan does not say.",
)
@click.option("-o", "files", multiple=True, metavar="FILE", type=FILE, help="Write the values: .json or .csv.")
@click.option("--json", "json_to", metavar="FILE|-", help="Write the values as JSON, - for standard output.")
@click.option("--csv", "csv_to", metavar="FILE|-", help="Write the values as CSV, - for standard output.")
@click.option("--curve", is_flag=True, help="Put the curves into what is written.")
@click.option("--engine", type=click.Choice(["hardcheck", "dicompyler"]), default="hardcheck", show_default=True)
@click.option("--compare-engines", is_flag=True, help="Show the values of both engines side by side.")
@TPS
@course_options
@END_CAPS
@BETWEEN_SLICES
def dvh(
    path: Paths,
    structures: tuple[str, ...],
    metrics: tuple[str, ...],
    level: str | None,
    fractions: int | None,
    files: tuple[Path, ...],
    json_to: str | None,
    csv_to: str | None,
    curve: bool,
    engine: str,
    compare_engines: bool,
    tps: Path | None,
    plans: tuple[str, ...],
    course: bool,
    structures_from: str | None,
    assume_linked: bool,
    end_caps: str,
    between_slices: str,
) -> Status:
    """Compute dose-volume histograms and metrics.

    PATH is a folder, any mix of DICOM files, or a zip of them; structures and dose are enough.
    With --course one for each plan.
    """
    outputs = outputs_of(files, ("json", "csv"), {"json": json_to, "csv": csv_to})
    from hardcheck.cli.dvh import show_dvhs

    return show_dvhs(
        path,
        structures,
        Question(metrics_of(metrics), level_of(level), fractions),
        outputs=outputs,
        curve=curve,
        engine=engine,
        compare=compare_engines,
        tps=tps,
        asked=Asked(plans, assume_linked, course, structures_from),
        end_caps=end_caps,
        between_slices=between_slices,
    )


@hardcheck.command()
@PLAN_PATH_OR_NONE
@click.option(
    "-p",
    "--protocol",
    metavar="PROTOCOL[:REGIMEN]",
    help="Show which ROI is which structure of this protocol, and why. Nothing is computed.",
)
@alias_options
@click.option("--json", "json_to", metavar="FILE|-", help="Write what was found as JSON, - for standard output.")
@click.option("--checks", is_flag=True, help="List the checks of the plan that there are, instead.")
@plan_options
def inspect(
    path: Paths,
    protocol: str | None,
    mapping: tuple[tuple[str, str], ...],
    absent: tuple[str, ...],
    aliases: Path | None,
    save_aliases: Path | None,
    json_to: str | None,
    plan: str | None,
    *,
    checks: bool,
    assume_linked: bool,
) -> Status:
    """Say what PATH holds and what belongs together.

    PATH is a folder, any mix of DICOM files, or a zip of them, complete or not.
    """
    outputs = outputs_of((), (), {"json": json_to})
    if checks:
        from hardcheck.cli.checks import list_checks

        return list_checks(outputs)
    if not path:
        raise UsageError("PATH is missing", do="name the folder of an exported plan, or ask for --checks")
    alias_files = AliasFiles.of(aliases, save_aliases, mapping, outputs)
    from hardcheck.cli.inspection import show_inventory
    from hardcheck.cli.mapping import MappingQuestion

    return show_inventory(
        path,
        question=MappingQuestion(protocol, mapping_of(mapping), absent, alias_files),
        outputs=outputs,
        plan_name=plan,
        assume_linked=assume_linked,
    )


@hardcheck.command()
@click.argument("evaluation", metavar="EVALUATION.json", type=FILE)
@click.argument("name", metavar="GOAL|CHECK")
@click.option("--by", required=True, metavar="NAME", help="Who accepts it.")
@click.option("--role", required=True, metavar="ROLE", help="As whom.")
@click.option("--reason", required=True, metavar="TEXT", help="Why.")
@click.option("--roi", type=click.IntRange(), metavar="NUMBER", help="The ROI, where the goal has several.")
def accept(evaluation: Path, name: str, by: str, role: str, reason: str, roi: int | None) -> Status:
    """Accept a goal that is not met, or what a check found.

    The JSON carries it beside the result from then on; result and verdict stay as they are.
    """
    from hardcheck.cli.sign_off import accept_finding

    return accept_finding(evaluation, name, by=by, role=role, reason=reason, roi=roi)


@hardcheck.command()
@click.argument("evaluation", metavar="EVALUATION.json", type=FILE)
@PLAN_PATH
@click.option("-p", "--protocol", metavar="PROTOCOL", help="The protocol file, where it is none that is shipped.")
@TPS
@course_options
def verify(
    evaluation: Path,
    path: Paths,
    protocol: str | None,
    tps: Path | None,
    plans: tuple[str, ...],
    course: bool,
    structures_from: str | None,
    assume_linked: bool,
) -> Status:
    """Say whether files, protocol, version and evaluation are still the same.

    PATH is what was checked; with --course one for each plan. Which plan, and whose structures, is in the evaluation
    where it is not named.

    Exit status: 0 all is the same, 1 something differs, 2 the command or the input is wrong.
    """
    from hardcheck.cli.sign_off import verify_evaluation

    asked = Asked(plans, assume_linked, course, structures_from)
    return verify_evaluation(evaluation, path, protocol, tps=tps, asked=asked)


@hardcheck.command()
@click.argument("first", metavar="A", type=click.Path(path_type=Path), callback=existing)
@click.argument("second", metavar="B", type=click.Path(path_type=Path), callback=existing)
@click.option("-p", "--protocol", metavar="PROTOCOL[:REGIMEN]", help="What a plan is held against.")
@click.option(
    "--level",
    "levels",
    multiple=True,
    type=Pair("NAME", "GY", "--level LR=50.6"),
    help="A prescription level chosen for this patient.",
)
@click.option(
    "--map",
    "mapping",
    multiple=True,
    type=Pair("GOAL_NAME", "ROI", "--map Cord=SpinalCord"),
    help="Which ROI is a structure of the protocol.",
)
@click.option("--absent", multiple=True, metavar="NAME", help="You confirm that this organ is not in range.")
@click.option(
    "--aliases", metavar="FILE.yaml", type=FILE, envvar="HARDCHECK_ALIASES", help="Your own names of structures."
)
@click.option("--vertex-dose", type=click.Choice(["separate", "added", "instead"]), default="separate")
@click.option("--plan-a", metavar="UID|LABEL", help="Which plan, where A holds several.")
@click.option("--plan-b", metavar="UID|LABEL", help="Which plan, where B holds several.")
@click.option(
    "-o", "files", multiple=True, metavar="FILE", type=FILE, help="Write a report: .html, .pdf, .json or .csv."
)
@click.option("--json", "json_to", metavar="FILE|-", help="Write the comparison as JSON, - for standard output.")
@click.option("--anonymous", is_flag=True, help="Leave the identity of the patient out.")
@click.option("--different-patients", is_flag=True, help="Compare although the patient IDs differ.")
@SETTINGS
@ASSUME_LINKED
@END_CAPS
@BETWEEN_SLICES
def compare(
    first: Path,
    second: Path,
    protocol: str | None,
    levels: tuple[tuple[str, str], ...],
    mapping: tuple[tuple[str, str], ...],
    absent: tuple[str, ...],
    aliases: Path | None,
    vertex_dose: str,
    plan_a: str | None,
    plan_b: str | None,
    files: tuple[Path, ...],
    json_to: str | None,
    *,
    anonymous: bool,
    different_patients: bool,
    settings: Path | None,
    assume_linked: bool,
    end_caps: str,
    between_slices: str,
) -> Status:
    """Say what got better and worse from A to B.

    A and B are each a plan (a folder, a DICOM file or a zip), which is held against the protocol, or an evaluation
    that 'check --json FILE' wrote: two plans of one patient, or yesterday's evaluation and today's.

    Exit status: 0 nothing that counts got worse, 1 it did, 3 that cannot be told, 2 the command or the input is wrong.
    """
    outputs = outputs_of(files, ("html", "pdf", "json", "csv"), {"json": json_to})
    from hardcheck.cli.compare import compare_two

    return compare_two(
        (first, second),
        Terms(protocol, levels_of(levels), mapping_of(mapping), absent, aliases, vertex_dose, end_caps, between_slices),
        plans=(plan_a, plan_b),
        assume_linked=assume_linked,
        outputs=outputs,
        anonymous=anonymous,
        different_patients=different_patients,
        look=Appearance(settings, None, outputs),
    )


@hardcheck.command()
@click.argument("root", metavar="ARCHIVE", type=FILE)
@click.option(
    "-p",
    "--protocol",
    metavar="PROTOCOL[:REGIMEN]|auto",
    required=True,
    help="A shipped protocol or a protocol file; with auto, for each plan the one that fits.",
)
@click.option(
    "--protocols",
    metavar="FOLDER",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="With -p auto: choose among the protocol files in it, not among the shipped ones.",
)
@click.option(
    "--store", metavar="FILE|URL", required=True, help="A file of SQLite, or postgresql://USER@HOST/DATABASE."
)
@click.option("-j", "--jobs", type=click.IntRange(1, 1024), metavar="N", help="Processes; as many as cores.")
@click.option(
    "--memory",
    type=click.IntRange(512),
    default=4096,
    show_default=True,
    metavar="MB",
    help="What each process may have. A plan that needs more is set aside. Linux alone.",
)
@click.option(
    "--time-limit",
    type=click.FloatRange(1),
    default=3600,
    show_default=True,
    metavar="S",
    help="Seconds that a plan may take before it is set aside.",
)
@click.option(
    "--dask",
    metavar="ADDRESS",
    help="Evaluate on the workers of this Dask scheduler, such as tcp://host:8786; -j reads headers here.",
)
@click.option(
    "--level",
    "levels",
    multiple=True,
    type=Pair("NAME", "GY", "--level LR=50.6"),
    help="A prescription level chosen for all plans.",
)
@click.option(
    "--aliases",
    metavar="FILE.yaml",
    type=FILE,
    envvar="HARDCHECK_ALIASES",
    show_envvar=True,
    help="Your own names of the protocol's structures.",
)
@click.option(
    "--vertex-dose",
    type=click.Choice(["separate", "added", "instead"]),
    default="separate",
    show_default=True,
    help="You declare how the dose of vertices is given: in a plan of its own, or in this one.",
)
@END_CAPS
@BETWEEN_SLICES
@click.option("--anonymous", is_flag=True, help="Make a store without identity.")
@click.option(
    "-o",
    "destinations",
    multiple=True,
    metavar="FILE|FOLDER/",
    help="Write the cohort report (.html), account and pass rates (.json); into a folder, the tables of all rows.",
)
@click.option(
    "--tables",
    type=click.Choice(["csv", "parquet"]),
    default="csv",
    show_default=True,
    help="The form of the tables in -o FOLDER/.",
)
@click.option("--quiet", is_flag=True, help="No progress.")
@click.option("--log-json", is_flag=True, help="Progress as JSON, one object per line on standard error.")
def audit(
    root: Path,
    protocol: str,
    protocols: Path | None,
    store: str,
    jobs: int | None,
    memory: int,
    time_limit: float,
    dask: str | None,
    levels: tuple[tuple[str, str], ...],
    aliases: Path | None,
    vertex_dose: str,
    end_caps: str,
    between_slices: str,
    anonymous: bool,
    destinations: tuple[str, ...],
    tables: str,
    quiet: bool,
    log_json: bool,
) -> Status:
    """Hold every plan of an archive against its protocol, and count all of them in a store.

    ARCHIVE is a folder with any files in any folders. Plans are found by the UIDs in them. The same command again goes
    on where it was interrupted, and evaluates what is new or changed.

    Exit status: 0 it ran to its end, 3 it did but part of the archive could not be looked at, 2 command or input wrong.
    """
    from hardcheck.cli.audit import AuditAsked, audit_archive

    return audit_archive(
        AuditAsked(
            root, protocol, protocols, store, jobs, memory, time_limit, dask, levels_of(levels), aliases, vertex_dose,
            end_caps, between_slices, anonymous, destinations, tables, quiet, log_json,
        )
    )  # fmt: skip


@hardcheck.command()
@click.argument("store", metavar="STORE")
@click.option("--run", type=click.IntRange(1), metavar="N", help="Which run; the last finished one where not given.")
@click.option(
    "-o",
    "destinations",
    multiple=True,
    metavar="FILE|FOLDER/",
    help="Write the cohort report as a page (.html), or all rows as CSV tables into a folder. Of one plan as 'check'.",
)
@click.option("--plan", metavar="UID|LABEL|PATH", help="The report of this plan, from its files in the archive.")
@click.option("-p", "--protocol", metavar="FILE", help="With --plan: the protocol's file, where the store has it not.")
@click.option("--anonymous", is_flag=True, help="With --plan: leave the identity of the patient out.")
@look_options
def report(
    store: str,
    run: int | None,
    destinations: tuple[str, ...],
    plan: str | None,
    protocol: str | None,
    settings: Path | None,
    template: Path | None,
    *,
    anonymous: bool,
) -> Status:
    """Say what an audit found, from its STORE alone: a path or a postgresql:// URL.

    With -o FILE.html the report on all plans: pass rates, margins, trends, and which plans to look at first.

    With --plan that of one plan, as 'check' makes it, and what of it is not as it is stored; the exit status is that of
    'check'.
    """
    if plan is not None:
        outputs = outputs_of([Path(name) for name in destinations], ("html", "pdf", "json", "csv", "xml"), {})
        from hardcheck.cli.stored_report import report_plan

        look = Appearance(settings, template, outputs)
        return report_plan(store, plan, run, protocol=protocol, outputs=outputs, anonymous=anonymous, look=look)
    if protocol is not None or template is not None or anonymous:
        raise UsageError("-p, --template and --anonymous are of one plan", do="name it with --plan, or leave them away")
    folder = folder_of(destinations)
    outputs = outputs_of([Path(name) for name in destinations if folder is None], ("html",), {})
    from hardcheck.cli.report import report_cohort

    return report_cohort(store, run, outputs, folder)


@hardcheck.command()
@click.argument("store", metavar="STORE")
@click.option("-p", "--protocol", required=True, metavar="PROTOCOL", help="The new version, by name or as a file.")
@click.option("--run", type=click.IntRange(1), metavar="N", help="Which run; the last finished one where not given.")
@click.option("-o", "files", multiple=True, metavar="FILE", type=FILE, help="Write all plans: .json or .csv.")
@click.option("--json", "json_to", metavar="FILE|-", help="Write the result as JSON, - for standard output.")
def replay(store: str, protocol: str, run: int | None, files: tuple[Path, ...], json_to: str | None) -> Status:
    """Say which plans of a STORE would come out otherwise by another version of their protocol.

    From stored values and curves, nothing is evaluated. What these do not tell is said to be untold.

    Exit status: 0 every verdict stays, 1 one would change, 3 none would and one cannot be told, 2 the command or the
    input is wrong.
    """
    outputs = outputs_of(files, ("json", "csv"), {"json": json_to})
    from hardcheck.cli.replay import replay_protocol

    return replay_protocol(store, protocol, run, outputs)


@hardcheck.group()
def protocols() -> None:
    """Look at protocols, and check protocol files."""


@protocols.command("list")
def list_protocols() -> Status:
    """List the protocols that come with hardcheck."""
    from hardcheck.cli.protocols import list_all

    return list_all()


@protocols.command("show")
@click.argument("name")
@click.option("-o", "output", metavar="FILE.html", type=FILE, help="Write a page to print, check and sign instead.")
def show_protocol(name: str, output: Path | None) -> Status:
    """Show the regimens, structures and goals of a protocol, by its name or as a file."""
    outputs = outputs_of([output] if output is not None else (), ("html",), {})
    from hardcheck.cli.protocols import show

    return show(name, outputs)


@protocols.command("lint")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=FILE)
def lint_protocols(files: tuple[Path, ...]) -> Status:
    """Say for each FILE whether it is a protocol, and what is wrong where it is not.

    Of a folder, all .yaml and .yml files in it and below it.
    """
    from hardcheck.cli.protocols import lint_files

    return lint_files(files)


@protocols.command("diff")
@click.argument("old", metavar="A")
@click.argument("new", metavar="B")
@click.option("--json", "json_to", metavar="FILE|-", help="Write the changes as JSON, - for standard output.")
def diff_protocols(old: str, new: str, json_to: str | None) -> Status:
    """Say what changed from protocol A to protocol B, names or files, in clinical words.

    Stricter and laxer are said where that is certain for every plan.
    """
    outputs = outputs_of((), (), {"json": json_to})
    from hardcheck.cli.protocols import diff

    return diff(old, new, outputs)


@protocols.command("test")
@click.argument("names", metavar="NAME|FILE...", nargs=-1, required=True)
def test_protocols(names: tuple[str, ...]) -> Status:
    """Run the examples that protocols carry: values of goals, and what comes of them.

    Of a folder, all .yaml and .yml files in it and below it. Exit status 1 where an example fails.
    """
    from hardcheck.cli.protocols import run_examples

    return run_examples(names)


@protocols.command("import")
@click.argument("path", metavar="FILE", type=FILE)
@click.option("--as", "form", type=click.Choice(FORMS), help="What FILE is, where its name and content do not say it.")
@click.option("--fractions", type=click.IntRange(1, 100), metavar="N", help="The fractions, where FILE has none.")
@click.option(
    "--level",
    "levels",
    multiple=True,
    type=Pair("NAME", "GY", "--level HR=66"),
    help="A prescribed dose; of one structure where NAME is its name.",
)
@click.option("-o", "output", metavar="FILE.yaml", type=FILE, help="A new file; standard output where not given.")
def import_protocol(
    path: Path, form: str | None, fractions: int | None, levels: tuple[tuple[str, str], ...], output: Path | None
) -> Status:
    """Make a draft of a protocol from FILE.

    FILE is a ProKnow scorecard (JSON), a ClearPlan template (CSV) or a clinical protocol of Eclipse (XML). What cannot
    be taken over is listed, here and at the end of the draft.
    """
    from hardcheck.cli.exchange import import_file

    return import_file(path, form=form, fractions=fractions, levels=levels_of(levels), output=output)


@protocols.command("export")
@click.argument("name")
@click.option("-o", "output", metavar="FILE.csv", type=FILE, help="Where to; standard output where not given.")
def export_protocol(name: str, output: Path | None) -> Status:
    """Write the goals of a protocol as CSV, one row each."""
    outputs = outputs_of([output] if output is not None else (), ("csv",), {"csv": None if output else "-"})
    from hardcheck.cli.exchange import export_goals

    return export_goals(name, outputs)


@protocols.command("schema")
@click.option("-o", "output", metavar="FILE.json", type=FILE, help="Where to; standard output where not given.")
def print_schema(output: Path | None) -> Status:
    """Write the JSON schema of protocol files, for completion and checks in an editor.

    An editor finds it by the first line of a protocol file: # yaml-language-server: $schema=FILE.json
    """
    outputs = outputs_of([output] if output is not None else (), ("json",), {"json": None if output else "-"})
    from hardcheck.cli.protocols import schema

    return schema(outputs)


@hardcheck.command()
@click.option("-o", "folder", metavar="FOLDER", type=FILE, default=Path("hardcheck-demo"), show_default=True)
@click.option("--sbrt", is_flag=True, help="A stereotactic plan instead, for indices of conformity.")
@click.option("--lattice", is_flag=True, help="A plan with vertices instead, spatially fractionated.")
def demo(folder: Path, *, sbrt: bool, lattice: bool) -> Status:
    """Check plans of made-up patients.

    Two plans of a patient with a thigh sarcoma, or what the options name; the reports are written into FOLDER.
    """
    from hardcheck.cli.demo import LATTICE, SBRT, THIGH, run_demo

    chosen = (*(SBRT if sbrt else ()), *(LATTICE if lattice else ()))
    return run_demo(folder, chosen or THIGH)
