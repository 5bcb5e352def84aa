"""A site's own alias file: what it may say, and what is written into it."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardcheck.errors import HardcheckError, ProtocolError, UsageError
from hardcheck.library import load_protocol, names_to_save, read_aliases
from hardcheck.plan import Structure
from hardcheck.protocol import Protocol

GOOD = """\
Cord: [Medulla, "Rueckenmark"]
Heart: [Herz]
protocols:
  hard:
    Bone: [Oberschenkel_li]
"""
FIRST_LINE = "# Written by hardcheck --save-aliases, which keeps no comment."


@pytest.fixture(scope="module")
def hard() -> Protocol:
    return load_protocol("hard")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return tmp_path / "site.yaml"


def site_aliases(protocol: Protocol) -> dict[str, tuple[str, ...]]:
    return {s.name: s.site_aliases for s in protocol.structures if s.site_aliases}


class TestReading:
    def test_what_is_for_all_protocols_and_what_is_for_one(self, site: Path) -> None:
        site.write_text(GOOD, "utf-8")
        for_all = {"Cord": ("Medulla", "Rueckenmark"), "Heart": ("Herz",)}
        assert site_aliases(load_protocol("hard", aliases=site)) == {**for_all, "Bone": ("Oberschenkel_li",)}
        assert site_aliases(load_protocol("femur_fracture", aliases=site)) == {}

    def test_a_name_of_the_protocol_itself_is_not_there_twice(self, site: Path) -> None:
        site.write_text("Cord: [spinal cord, Medulla, MEDULLA]\n", "utf-8")
        assert site_aliases(load_protocol("hard", aliases=site)) == {"Cord": ("Medulla",)}

    def test_structures_of_other_protocols_are_named(self, hard: Protocol, site: Path) -> None:
        site.write_text("Chord: [Medulla]\nHeart: [Herz]\n", "utf-8")
        assert read_aliases(site).strangers(hard) == ["Chord"]

    def test_values_are_text_as_it_is_written(self, site: Path) -> None:
        site.write_text("Cord: [NO, 010, 1e3, null]\n", "utf-8")
        assert site_aliases(load_protocol("hard", aliases=site)) == {"Cord": ("NO", "010", "1e3", "null")}


def test_the_example_of_the_documentation(site: Path) -> None:
    page = (Path(__file__).parents[2] / "protocols" / "README.md").read_text("utf-8")
    site.write_text(page[page.index("## Names of your own") :].split("```yaml\n")[1].split("```")[0], "utf-8")
    assert site_aliases(load_protocol("hard", aliases=site)) == {
        "Cord": ("Medulla", "Rückenmark"),
        "Heart": ("Herz",),
        "Bone": ("Oberschenkel_li", "Oberschenkel_re"),
    }


# what is replaced, by what, the place and the words of the one error
FAULTS = {
    "the same structure twice": ("Heart:", "Cord:", "2:1", "'Cord' stands twice, first in line 1"),
    "one name for two structures": ("[Herz]", "[medulla]", "2:9", "'medulla' is already a name of Cord; keep it with"),
    "a name that is another key": ("[Herz]", "[Cord]", "2:9", "'Cord' is already a name of Cord"),
    "text for a list": ("[Herz]", "Herz", "2:8", "a list is wanted here"),
    "an empty list": ("[Herz]", "[]", "2:8", "at least one is wanted here"),
    "a list in a list": ("[Herz]", "[[Herz]]", "2:9", "one text is wanted here"),
    "a pattern": ("[Herz]", "['Herz*']", "2:9", "aliases are names, not patterns; write each name out"),
    "no letter": ("[Herz]", "['--']", "2:9", "no letter or digit"),
    "too long": ("[Herz]", f"[{'a' * 65}]", "2:9", "longer than 64 characters"),
    "no structure's name": ("Heart:", "Heart (all):", "2:1", "'Heart (all)' is not a structure name"),
    "no value": ("Heart: [Herz]", "Heart:", "2:1", "'Heart' has no value"),
    "an anchor": ("[Herz]", "&h [Herz]", "2:8", "the anchor &h"),
    "not closed": ("[Herz]", "[Herz", "2:8", "the [ that opens here is not closed"),
    "text for all protocols": ("\n  hard:\n    Bone: [Oberschenkel_li]", " hard", "3:12", "a mapping is wanted here"),
    "no id": ("  hard:", "  HARD:", "4:3", "'HARD' is not an id"),
    "text for a protocol": ("\n    Bone: [Oberschenkel_li]", " x", "4:9", "a mapping is wanted here"),
    # with HARD
    "a name of another structure": ("[Herz]", "[L_Lung]", "2:9", "'L_Lung' is already a name of Lung_L in protocol"),
    "no structure of that protocol": ("Bone:", "Bones:", "5:5", "protocol hard has no structure 'Bones'; did you mean"),
    "one for all and one for this": ("[Oberschenkel_li]", "[HERZ]", "5:12", "'HERZ' is already a name of Heart in"),
}


@pytest.mark.parametrize(("old", "new", "place", "words"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_is_one_line_with_its_place(site: Path, old: str, new: str, place: str, words: str) -> None:
    assert GOOD.count(old) == 1
    site.write_text(GOOD.replace(old, new), "utf-8")
    with pytest.raises(ProtocolError) as caught:
        load_protocol("hard", aliases=site)
    assert str(caught.value).startswith(f"{site}:{place}: ")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["[Medulla]", "Medulla", "", "# nothing\n"])
def test_a_file_that_is_no_mapping(site: Path, text: str) -> None:
    site.write_text(text, "utf-8")
    with pytest.raises(ProtocolError):
        read_aliases(site)


def test_a_file_that_is_not_there(site: Path) -> None:
    with pytest.raises(UsageError, match=r"site\.yaml: the alias file cannot be read"):
        read_aliases(site)


@given(st.text(alphabet="Cord:[], \n-#'\"{}&*!|>%@`\t\\é", max_size=60))
def test_any_text_is_read_or_refused_in_one_line(text: str) -> None:
    said = ""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "x.yaml"
        file.write_bytes(text.encode())
        try:
            load_protocol("femur_fracture", aliases=file)
        except HardcheckError as error:
            said = str(error)
    assert "\n" not in said


def rois(*names: str) -> list[Structure]:
    return [Structure.from_contours(i, name, []) for i, name in enumerate(names, 1)]


def saved(site: Path, protocol: Protocol, *names: str, **mapping: str) -> str | None:
    content = names_to_save(site, protocol, rois(*names), mapping).content
    return None if content is None else content.decode("utf-8")


class TestSaving:
    def test_a_new_file(self, hard: Protocol, site: Path) -> None:
        text = saved(site, hard, "Medulla", "Ösophagus 1", Cord="Medulla", Esophagus="Ösophagus 1")
        assert text == f'{FIRST_LINE}\nCord: ["Medulla"]\nEsophagus: ["Ösophagus 1"]\n'
        assert not site.exists()

    def test_what_is_there_stays_in_its_order(self, hard: Protocol, site: Path) -> None:
        site.write_text(GOOD, "utf-8")
        assert saved(site, hard, "Myelon", "Leber", Cord="Myelon", Liver="Leber") == (
            f'{FIRST_LINE}\nCord: ["Medulla", "Rueckenmark", "Myelon"]\nHeart: ["Herz"]\nLiver: ["Leber"]\n'
            'protocols:\n  "hard":\n    Bone: ["Oberschenkel_li"]\n'
        )

    def test_what_is_written_is_read_again(self, hard: Protocol, site: Path) -> None:
        for name in ("Medulla", "NO", "010", 'a "b": c', "#1", "- x", "é𝄞", "a'b", "null", "~x", "Medulla!", "z_M"):
            text = saved(site, hard, name, Cord=name)
            assert text is not None
            site.write_text(text, "utf-8")
        found = site_aliases(load_protocol("hard", aliases=site))
        assert found["Cord"] == (
            "Medulla", "NO", "010", 'a "b": c', "#1", "- x", "é𝄞", "a'b", "null", "~x", "Medulla!", "z_M",
        )  # fmt: skip

    def test_of_a_number_the_name_is_written(self, hard: Protocol, site: Path) -> None:
        for text in ("2", "#2"):
            found = names_to_save(site, hard, rois("Leber", "Medulla"), {"Cord": text})
            assert found.names == {"Cord": "Medulla"}
            assert b'Cord: ["Medulla"]' in (found.content or b"")

    def test_of_a_goal_its_structure_is_written(self, hard: Protocol, site: Path) -> None:
        found = names_to_save(site, hard, rois("Medulla"), {"cord-max-required": "Medulla"})
        assert found.names == {"Cord": "Medulla"}

    @pytest.mark.parametrize("name", ["Cord", "SpinalCord", "spinal_cord"])
    def test_what_the_protocol_has_is_nothing_new(self, hard: Protocol, site: Path, name: str) -> None:
        assert saved(site, hard, name, Cord=name) is None

    def test_nor_is_what_the_file_has(self, hard: Protocol, site: Path) -> None:
        site.write_text(GOOD, "utf-8")
        assert saved(site, hard, "MEDULLA", Cord="MEDULLA") is None
        assert saved(site, hard, "Oberschenkel li", Bone="Oberschenkel li") is None

    @pytest.mark.parametrize(
        ("names", "chosen", "words"),
        [
            (("Medulla", "medulla"), "Medulla", "cannot tell 'Medulla' (#1) and 'medulla' (#2) apart"),
            (("Medulla", "Medulla"), "#1", "cannot tell 'Medulla' (#1) and 'Medulla' (#2) apart"),
            (("Heart",), "Heart", "'Heart' is already a name of Heart"),
            (("Heart_1", "Herz"), "Herz", "'Herz' is already a name of Heart"),
            (("Cord^1",), "Cord^1", "aliases are names, not patterns"),
            (("[]",), "#1", "holds [ ]"),
            (("",), "#1", "no letter or digit"),
            (("Spinal\u00a0Cord x",), "#1", "cannot be seen"),
            (("Cord\n# x",), "#1", "cannot be seen"),
        ],
    )
    def test_a_name_that_can_be_no_alias(
        self, hard: Protocol, site: Path, names: tuple[str, ...], chosen: str, words: str
    ) -> None:
        site.write_text(GOOD, "utf-8")
        with pytest.raises(UsageError) as caught:
            saved(site, hard, *names, Cord=chosen)
        assert words in str(caught.value)
        assert "--save-aliases" in str(caught.value)
        assert "\n" not in str(caught.value)
        assert site.read_text("utf-8") == GOOD

    @pytest.mark.parametrize(
        ("text", "place"),
        [
            ("# ours\nCord: [Medulla]\n", "1:1"),
            ("\n  # ours\nCord: [Medulla]\n", "2:3"),
            ("Cord: [Medulla] # ours\n", "1:17"),
            ("Cord: [Medulla, # ours\n  Myelon]\n", "1:17"),
            ("Cord:\n  - Medulla # ours\n", "2:13"),
            ("Cord: [Medulla]\n# ours", "2:1"),
            ("Cord: [Medulla]\r\nHeart: [𝄞1, '# x'] # ours\r\n", "2:20"),
            (f"Cord: [Medulla]\n{FIRST_LINE}\n", "2:1"),
        ],
    )
    def test_comments_are_not_lost(self, hard: Protocol, site: Path, text: str, place: str) -> None:
        site.write_text(text, "utf-8")
        with pytest.raises(UsageError) as caught:
            saved(site, hard, "Leber", Liver="Leber")
        assert str(caught.value).startswith(f"{site}:{place}: its comments would be lost")

    @pytest.mark.parametrize("text", ['Cord: ["PTV #1"]\n', "Cord: [PTV#1]\n", "Cord: ['a # b', \"c # d\"]\n"])
    def test_a_number_sign_in_a_name_is_no_comment(self, hard: Protocol, site: Path, text: str) -> None:
        site.write_text(text, "utf-8")
        assert saved(site, hard, "Leber", Liver="Leber") is not None

    def test_a_file_that_hardcheck_wrote_is_written_again(self, hard: Protocol, site: Path) -> None:
        site.write_text(f"{FIRST_LINE}\nCord: [Medulla] # since March\n", "utf-8")
        text = saved(site, hard, "Leber", Liver="Leber")
        assert text == f'{FIRST_LINE}\nCord: ["Medulla"]\nLiver: ["Leber"]\n'

    def test_a_file_with_a_fault_is_left_alone(self, hard: Protocol, site: Path) -> None:
        site.write_text("Cord: Medulla\n", "utf-8")
        with pytest.raises(ProtocolError, match="1:7: a list is wanted here"):
            saved(site, hard, "Leber", Liver="Leber")

    def test_a_protocol_is_no_alias_file(self, hard: Protocol, tmp_path: Path) -> None:
        protocol = Path(__file__).parents[2] / "protocols" / "sarcoma" / "femur_fracture.yaml"
        copy = tmp_path / "copy.yaml"
        copy.write_bytes(protocol.read_bytes())
        with pytest.raises(HardcheckError):
            saved(copy, hard, "Leber", Liver="Leber")
