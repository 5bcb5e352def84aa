"""Whatever stands in a file: it is imported into a protocol without a problem, or refused in one line."""

import json
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hardcheck.errors import HardcheckError
from hardcheck.exchange import FORMS, Imported, from_clearplan, from_eclipse, from_proknow, imported
from hardcheck.exchange.writing import MOST_BYTES
from hardcheck.library import lint
from hardcheck.library.document import MOST_BYTES as READ

GIVEN = {"fractions": 22, "prescription_gy": {"HR": 66.0}}
READERS = [from_proknow, from_clearplan, from_eclipse]

NAMES = st.one_of(
    st.sampled_from(["PTV", "PTV!", "ptv", "Lung L", "_Cord", "NO", "~", "PTV_x21"]), st.text(max_size=70)
)
NUMBERS = st.one_of(
    st.sampled_from([0, 1, 20, 95, 100, 66.5, 1e-9, 1e300, -3, None, True, "20", float("nan")]),
    st.floats(),
    st.integers(),
)
LABELS = st.sampled_from(["IDEAL", "GOOD", "ACCEPTABLE", "MARGINAL", "UNACCEPTABLE", "PASS", "FAIL", "", "null"])
BINS = st.lists(st.fixed_dictionaries({"label": LABELS}, optional={"min": NUMBERS, "max": NUMBERS}), max_size=4)
TYPES = st.sampled_from(
    ["DOSE_VOLUME_PERCENT_ROI", "DOSE_VOLUME_CC_ROI", "VOLUME_CC_DOSE_ROI", "VOLUME_PERCENT_DOSE_ROI", "MEAN_DOSE_ROI",
     "VOLUME_CC_DOSE_RANGE_ROI", "VOLUME", "x"]
)  # fmt: skip
METRICS = st.fixed_dictionaries(
    {"type": TYPES, "roi_name": NAMES, "objectives": BINS}, optional={"arg_1": NUMBERS, "arg_2": NUMBERS}
)
LIMITS = st.one_of(
    st.builds(
        "{}{}".format, st.sampled_from(["<", "<=", ">", ">=", "", "="]), st.sampled_from([0, 20, "33,5", 100, "1e9"])
    ),
    st.text(max_size=5),
)
OBJECTIVES = st.one_of(
    st.sampled_from(
        ["V20Gy[%]", "V20Gy[cc]", "D95%[%]", "D0.03cc[Gy]", "Max[%]", "CV20cGy[cc]", "V0Gy[%]", "Mean[cGy]"]
    ),
    st.text(max_size=9),
)
CELLS = st.text(max_size=9)


def sound(made, tmp_path_factory):
    assert isinstance(made, Imported)
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_text(made.protocol, "utf-8", newline="")
    assert [str(problem) for problem in lint(path)] == []


def attempt(call, tmp_path_factory):
    try:
        made = call()
    except HardcheckError as error:
        lines = str(error).splitlines()
    else:
        sound(made, tmp_path_factory)
        return
    assert len(lines) == 1


@pytest.mark.parametrize("reader", READERS)
@given(text=st.text())
def test_any_text(reader, text, tmp_path_factory):
    attempt(lambda: reader(text, **GIVEN), tmp_path_factory)


@given(data=st.binary(), form=st.sampled_from([None, *FORMS]), name=st.text(max_size=9))
def test_any_bytes(data, form, name, tmp_path_factory):
    attempt(lambda: imported(data, file=name, form=form, **GIVEN), tmp_path_factory)


@given(
    name=st.text(max_size=9),
    metrics=st.lists(METRICS, max_size=5),
    levels=st.dictionaries(NAMES, st.floats(), max_size=2),
)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_any_scorecard(name, metrics, levels, tmp_path_factory):
    text = json.dumps({"name": name, "computed": metrics})
    attempt(lambda: from_proknow(text, **GIVEN), tmp_path_factory)
    attempt(lambda: from_proknow(text, file=name, fractions=3, prescription_gy=levels), tmp_path_factory)


@given(rows=st.lists(st.tuples(NAMES, CELLS, NAMES, CELLS, OBJECTIVES, LIMITS, LIMITS, CELLS), max_size=6))
def test_any_template(rows, tmp_path_factory):
    lines = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    head = "Structure ID,Structure Code,Aliases,Type,DVH Objective,Evaluator,Variation,Priority"
    attempt(lambda: from_clearplan("\n".join([head, *lines]), **GIVEN), tmp_path_factory)


@given(
    items=st.lists(
        st.tuples(NAMES, *(st.integers(0, 10) for _ in range(2)), NUMBERS, NUMBERS, st.booleans(), st.none() | NUMBERS),
        max_size=6,
    )
)
def test_any_clinical_protocol(items, tmp_path_factory):
    text = "".join(
        f"<MeasureItem ID={quoteattr(name)}><Type>{kind}</Type><Modifier>{modifier}</Modifier><Value>{value}</Value>"
        f"<TypeSpecifier>{at}</TypeSpecifier><ReportDQPValueInAbsoluteUnits>{str(absolute).lower()}"
        f"</ReportDQPValueInAbsoluteUnits><VariationAcceptable>{escape(str(more))}</VariationAcceptable></MeasureItem>"
        for name, kind, modifier, value, at, absolute, more in items
    )
    wrapped = f"<Protocol><Phases><Phase ID='a'><Prescription>{text}</Prescription></Phase></Phases></Protocol>"
    attempt(lambda: from_eclipse(wrapped, **GIVEN), tmp_path_factory)


def test_nothing_is_written_that_is_too_large_to_read():
    assert MOST_BYTES == READ
