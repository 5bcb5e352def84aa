"""A site's alias file on the command line: used, saved, and shown before anything is computed."""

import pytest

from hardcheck.phantom import box_plan

MET = "Max[Gy] <= 70 Gy"
FIRST_LINE = "# Written by hardcheck --save-aliases, which keeps no comment."


@pytest.fixture
def tumour(protocol):
    """A protocol about a structure that nobody has contoured under its name."""
    return protocol({MET: "required"}, structure="Tumour")


@pytest.fixture
def site(tmp_path):
    path = tmp_path / "site.yaml"
    path.write_text("Tumour: [gtv]\n", "utf-8")
    return path


def wide(result):
    return " ".join(result.stdout.split())


class TestUsed:
    def test_by_check(self, run, box, tumour, site, one_document):
        result = run("check", box, "-p", tumour, "--aliases", site, "--json", "-")
        assert result.exit_code == 0
        document = one_document(result.stdout)
        (goal,) = document["goals"]
        assert (goal["roi_name"], goal["matched_by"]) == ("GTV", "by the site's alias gtv")
        assert document["provenance"]["settings"]["aliases"] == {"Tumour": ["gtv"]}

    def test_from_the_environment(self, run, box, tumour, site):
        assert run("check", box, "-p", tumour).exit_code == 3
        assert run("check", box, "-p", tumour, HARDCHECK_ALIASES=str(site)).exit_code == 0
        assert run("check", box, "-p", tumour, HARDCHECK_ALIASES="").exit_code == 3

    def test_an_option_goes_before_the_environment(self, run, box, tumour, site, tmp_path):
        other = tmp_path / "other.yaml"
        other.write_text("Tumour: [PTV_HR]\n", "utf-8")
        result = run("check", box, "-p", tumour, "--aliases", other, HARDCHECK_ALIASES=str(site))
        assert "Tumour: PTV_HR, by the site's alias PTV_HR" in wide(result)

    def test_by_inspect(self, run, box, tumour, site):
        assert "by the site's alias gtv" in wide(run("inspect", box, "-p", tumour, "--aliases", site))
        assert "by the site's alias gtv" in wide(run("inspect", box, "-p", tumour, HARDCHECK_ALIASES=str(site)))

    def test_the_environment_is_no_matter_where_no_protocol_is_named(self, run, box, tmp_path):
        result = run("inspect", box, HARDCHECK_ALIASES=str(tmp_path / "none.yaml"))
        assert result.exit_code == 0

    @pytest.mark.parametrize("command", ["check", "inspect"])
    @pytest.mark.parametrize(
        ("text", "said"),
        [
            (None, "the alias file cannot be read: no such file or directory"),
            ("Tumour: gtv\n", "site.yaml:1:9: a list is wanted here"),
            ("Tumour: ['gt*']\n", "site.yaml:1:10: the alias 'gt*' holds *"),
            ("A: [x]\nB: [X]\n", "site.yaml:2:5: 'X' is already a name of A"),
        ],
    )
    def test_one_that_cannot_be_used(self, refused, box, tumour, site, command, text, said):
        site.unlink() if text is None else site.write_text(text, "utf-8")
        assert said in refused(command, box, "-p", tumour, "--aliases", site)


class TestSaved:
    @pytest.mark.parametrize("command", ["check", "inspect"])
    @pytest.mark.parametrize("roi", ["GTV", "name of GTV"])
    def test_a_new_file_and_one_line_about_it(self, run, box, tumour, tmp_path, command, roi):
        number = next(s.number for s in box_plan().structures if s.name == "GTV")
        file = tmp_path / "new.yaml"
        result = run(command, box, "-p", tumour, "--map", f"Tumour={roi if roi == 'GTV' else number}",
                     "--save-aliases", file)  # fmt: skip
        assert result.exit_code == 0, result.stderr
        assert file.read_text("utf-8") == f'{FIRST_LINE}\nTumour: ["GTV"]\n'
        assert f"Written: {file} (Tumour: GTV)" in result.stdout.splitlines()
        again = run(command, box, "-p", tumour, "--aliases", file)
        assert "by the site's alias GTV" in wide(again)

    def test_what_is_there_already_is_not_written(self, run, box, tumour, site):
        before = site.stat()
        result = run("check", box, "-p", tumour, "--map", "Tumour=GTV", "--save-aliases", site)
        assert result.exit_code == 0
        assert f"Nothing new for {site}, it or the protocol has it: Tumour: GTV" in result.stdout.splitlines()
        assert site.read_text("utf-8") == "Tumour: [gtv]\n"
        assert site.stat().st_mtime_ns == before.st_mtime_ns

    def test_the_file_in_use_can_be_added_to(self, run, box, tumour, site):
        options = ("--map", "Tumour=PTV_HR", "--aliases", site, "--save-aliases", site)
        assert run("check", box, "-p", tumour, *options).exit_code == 0
        assert site.read_text("utf-8") == f'{FIRST_LINE}\nTumour: ["gtv", "PTV_HR"]\n'

    @pytest.mark.parametrize("command", ["check", "inspect"])
    def test_json_on_standard_output_stays_one_document(self, run, box, tumour, tmp_path, one_document, command):
        file = tmp_path / "new.yaml"
        options = ("--map", "Tumour=GTV", "--save-aliases", file, "--json", "-")
        result = run(command, box, "-p", tumour, *options)
        assert one_document(result.stdout)
        assert f"Written: {file} (Tumour: GTV)" in result.stderr.splitlines()
        assert file.exists()

    @pytest.mark.parametrize("command", ["check", "inspect"])
    @pytest.mark.parametrize(
        ("more", "said"),
        [
            ((), "there is nothing to save; choose an ROI with --map"),
            (("--map", "Tumour=None such"), "the plan has no ROI 'None such'"),
            (("--map", "Tumor=GTV"), "did you mean 'Tumour'"),
            (("--map", "Tumour=GTV", "--absent", "Tumour"), "has no organ 'Tumour'"),
            (("--map", "Tumour=GTV", "--json", "no such folder/x.json"), "the folder of the output does not exist"),
        ],
    )
    def test_nothing_is_written_when_the_command_fails(self, refused, box, tumour, tmp_path, command, more, said):
        file = tmp_path / "new.yaml"
        assert said in refused(command, box, "-p", tumour, *more, "--save-aliases", file)
        assert not file.exists()

    def test_nothing_else_is_written_when_the_names_cannot_be_saved(self, refused, box, tumour, tmp_path):
        file, report = tmp_path / "site.yaml", tmp_path / "report.html"
        text = "# ours\nTumour: [gtv]\n"
        file.write_text(text, "utf-8")
        options = ("--map", "Tumour=PTV_HR", "--save-aliases", file, "-o", report)
        assert f"{file}:1:1: its comments would be lost" in refused("check", box, "-p", tumour, *options)
        assert file.read_text("utf-8") == text
        assert not report.exists()

    @pytest.mark.parametrize("name", ["new.txt", "new", "."])
    def test_a_file_that_can_be_none(self, refused, box, tumour, tmp_path, name):
        refused("check", box, "-p", tumour, "--map", "Tumour=GTV", "--save-aliases", tmp_path / name)

    def test_one_file_for_two_things(self, refused, box, tumour, tmp_path):
        file = tmp_path / "new.yaml"
        options = ("--map", "Tumour=GTV", "--save-aliases", file, "--json", file)
        assert "is to be written twice" in refused("check", box, "-p", tumour, *options)

    def test_no_plan_no_names(self, refused, tumour, tmp_path):
        options = ("--map", "Tumour=GTV", "--save-aliases", tmp_path / "new.yaml")
        (tmp_path / "empty").mkdir()
        assert "no plan can be read" in refused("inspect", tmp_path / "empty", "-p", tumour, *options)

    def test_without_a_verdict_of_pass_too(self, run, box, protocol, tmp_path):
        file = tmp_path / "new.yaml"
        path = protocol({"Max[Gy] <= 1 Gy": "required"}, structure="Tumour")
        assert run("check", box, "-p", path, "--map", "Tumour=GTV", "--save-aliases", file).exit_code == 1
        assert file.exists()


PROTOCOL = """\
id: mapped
version: "1"
title: a protocol for tests
source: made up
verification: transcribed
regimens:
  - {id: a, fractions: 22, levels: {HR: 66 Gy}}
structures:
  - {name: GTV, role: target, level: HR}
  - {name: Tumour, role: target, level: HR, aliases: [PTV-HR, PTV_LR]}
  - {name: Boost, role: target, level: HR, aliases: [CTV_IR]}
  - {name: Rest, role: organ, expression: GTV | Boost}
  - {name: Half, role: organ, expression: GTV | Hearts}
  - {name: Hearts, role: organ}
  - {name: Heart, role: organ}
"""


class TestInspected:
    """`inspect -p`: each structure with its ROI or the reason why not, and the ROIs that are left."""

    @pytest.fixture
    def mapped(self, tmp_path):
        path = tmp_path / "mapped.yaml"
        path.write_text(PROTOCOL, "utf-8")
        return path

    @pytest.fixture
    def found(self, run, box, mapped, one_document):
        def inspect(*options):
            document = one_document(run("inspect", box, "-p", mapped, *options, "--json", "-").stdout)["protocol"]
            return document, {entry["name"]: entry for entry in document["structures"]}

        return inspect

    def test_in_the_json(self, found):
        document, entries = found()
        assert (document["id"], document["version"], document["strangers"]) == ("mapped", "1", [])
        assert [(r["roi_name"], r["matched_by"]) for r in entries["GTV"]["rois"]] == [("GTV", "by its name")]
        assert [r["matched_by"] for r in entries["Boost"]["rois"]] == ["by the alias CTV_IR"]
        assert (entries["Rest"]["made"], entries["Rest"]["reason"]) == ("GTV | Boost", None)
        assert entries["Half"]["made"] is None
        said = "not contoured, and GTV | Hearts cannot be made: Hearts: not contoured"
        assert entries["Half"]["reason"] == said
        assert entries["Tumour"]["reason"].startswith("two ROIs match: ")
        assert (entries["Heart"]["reason"], entries["Heart"]["rois"]) == ("not contoured", [])

    def test_what_no_structure_is(self, found):
        document, entries = found()
        used = {roi["roi_name"] for entry in entries.values() for roi in entry["rois"]}
        left = {roi["roi_name"] for roi in document["unused"]}
        assert used == {"GTV", "CTV_IR"}
        assert left == {s.name for s in box_plan().structures} - used

    def test_a_person_decides_there_too(self, found):
        _, entries = found("--map", "Tumour=PTV_HR", "--absent", "Heart", "--absent", "Rest")
        assert [r["matched_by"] for r in entries["Tumour"]["rois"]] == ["chosen with --map"]
        assert entries["Heart"]["reason"] == "confirmed as not in range by the user (--absent)"
        assert entries["Rest"]["reason"] == "declared absent, and yet made of GTV and Boost, contoured"

    def test_for_a_person(self, run, box, mapped, tmp_path):
        site = tmp_path / "site.yaml"
        site.write_text("Boost: [Other]\nTumor: [GTV_2]\n", "utf-8")
        text = wide(run("inspect", box, "-p", mapped, "--aliases", site, COLUMNS="200"))
        assert "Structures of protocol mapped version 1 Structure ROI How, or why not" in text
        for said in ("by its name", "by the alias CTV_IR", "made: GTV | Boost", "two ROIs match: ", "cannot be made"):
            assert said in text
        assert "ROIs that no structure of the protocol is" in text
        assert "Structures of the alias file that the protocol does not have Tumor" in text

    def test_a_near_name_is_a_hint(self, run, box, protocol):
        text = wide(run("inspect", box, "-p", protocol({MET: "required"}, structure="PTV_HR1"), COLUMNS="200"))
        assert "not contoured; near in name: 'PTV_HR'" in text

    def test_it_says_what_check_does(self, run, box, one_document):
        inspected = one_document(run("inspect", box, "-p", "hard", "--json", "-").stdout)["protocol"]["structures"]
        checked = one_document(run("check", box, "-p", "hard", "--json", "-").stdout)
        assert inspected == checked["structures"]
        ways = {roi["roi_number"]: roi["matched_by"] for entry in inspected for roi in entry["rois"]}
        matched = [goal for goal in checked["goals"] if goal["roi_number"] is not None]
        assert matched
        assert all(goal["matched_by"] == ways[goal["roi_number"]] for goal in matched)

    def test_without_a_plan_there_is_no_mapping(self, run, mapped, tmp_path, one_document):
        (tmp_path / "empty").mkdir()
        result = run("inspect", tmp_path / "empty", "-p", mapped)
        assert result.exit_code == 0
        assert "no plan can be read, so none of them is matched" in wide(result)
        document = one_document(run("inspect", tmp_path / "empty", "-p", mapped, "--json", "-").stdout)
        assert document["protocol"]["structures"] is None

    def test_without_a_protocol_there_is_none(self, run, box, one_document):
        assert one_document(run("inspect", box, "--json", "-").stdout)["protocol"] is None

    @pytest.mark.parametrize("option", [("--map", "Cord=GTV"), ("--absent", "Heart")])
    def test_options_that_need_a_protocol(self, refused, box, option):
        assert f"{option[0]}: no protocol was named; name the protocol with -p" in refused("inspect", box, *option)

    def test_a_regimen_that_is_none(self, refused, run, box):
        assert "has no regimen '7fx'" in refused("inspect", box, "-p", "hard:7fx")
        assert run("inspect", box, "-p", "hard:22fx").exit_code == 0
