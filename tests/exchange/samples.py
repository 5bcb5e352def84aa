"""Files of other programs, written by hand after the public descriptions of their formats."""

from __future__ import annotations

PROKNOW = """\
{"name": "Thigh", "computed": [
 {"type": "DOSE_VOLUME_PERCENT_ROI", "roi_name": "PTV HR", "arg_1": 95, "arg_2": null, "objectives": [
   {"label": "UNACCEPTABLE", "color": [255, 0, 0]}, {"label": "MARGINAL", "min": 62.7}, {"label": "IDEAL", "min": 66}]},
 {"type": "VOLUME_PERCENT_DOSE_ROI", "roi_name": "Femur", "arg_1": 40, "objectives": [
   {"label": "IDEAL", "max": 50.25}, {"label": "ACCEPTABLE", "max": 64}, {"label": "UNACCEPTABLE"}]},
 {"type": "VOLUME_CC_DOSE_RANGE_ROI", "roi_name": "Skin", "arg_1": 0, "arg_2": 18, "objectives": [
   {"label": "FAIL", "max": 1500}, {"label": "PASS"}]},
 {"type": "VOLUME_PERCENT_DOSE_RANGE_ROI", "roi_name": "Skin", "arg_1": 30, "arg_2": 60, "objectives": [
   {"label": "PASS", "max": 20}, {"label": "FAIL"}]},
 {"type": "DOSE_VOLUME_MINUS_CC_ROI", "roi_name": "PTV HR", "arg_1": 0.03, "objectives": [
   {"label": "FAIL"}, {"label": "PASS", "min": 59.4}]},
 {"type": "MAX_DOSE_ROI", "roi_name": "PTV!", "objectives": [{"label": "PASS", "max": 70.62}, {"label": "FAIL"}]},
 {"type": "VOLUME", "roi_name": "GTV", "objectives": [
   {"label": "SMALL", "max": 8}, {"label": "LARGE"}]},
 {"type": "CONFORMATION_NUMBER", "roi_name": "PTV HR", "arg_1": 66, "objectives": []},
 {"type": "MEAN_DOSE_ROI", "roi_name": "Femur"},
 {"type": "MEAN_DOSE_ROI", "roi_name": "Femur", "rx": "PTV HR", "objectives": [
   {"label": "PASS", "max": 37}, {"label": "FAIL"}]},
 {"type": "DOSE_VOLUME_CC_ROI", "roi_name": "Cord", "arg_1": NaN, "objectives": [
   {"label": "PASS", "max": 45}, {"label": "FAIL"}]}
], "custom": [{"id": "5b98"}]}
"""

CLEARPLAN = """\
Structure ID,Structure Code,Aliases,Type,DVH Objective,Evaluator,Variation,Priority,Source
PTV_HR,,PTV66|PTV High,PTV,D95%[%],>=95,93,1,
PTV_HR,,PTV66|PTV High,PTV,V100%[%],>=95,,1,
SpinalCord,7647,Cord|Myelon,,D0.03cc[Gy],<=45,50,1,Paper 1
SpinalCord,7647,Cord|Myelon,,Max[cGy],<5000,,2,
Lungs,,Lung_L|Lung_R,,V20Gy[%],<30,"33,5",2,
Lungs,,Lung_L|Lung_R,,CV20Gy[cc],>=1000,1500,2,
Liver,,,,Dmean [Gy],<= 28,26,3,
BODY,,,EXTERNAL,GI50%[%],<=6,8,2,
BODY,,,EXTERNAL,Max[%],=107,,2,
Heart,,,,"D1,000cc[Gy]",<20,,2,
,,,,Mean[Gy],<20,,2,
"""

ECLIPSE = """\
<?xml version="1.0" encoding="utf-8"?>
<Protocol Version="1.2" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
 <Preview Version="1.2" ID="Thigh 66" Type="Protocol" />
 <StructureTemplate Version="1.1"><Structures>
  <Structure ID="PTV HR" Name="PTV HR"><Identification><VolumeType>PTV</VolumeType>
   <Synonyms><Synonym>PTV66</Synonym><Synonym>PTV High</Synonym></Synonyms></Identification></Structure>
  <Structure ID="Outline"><Identification><VolumeType>External</VolumeType></Identification></Structure>
 </Structures></StructureTemplate>
 <Phases><Phase ID="Main">
  <FractionCount>22</FractionCount>
  <PlanTemplate><PrescribedPercentage>1</PrescribedPercentage><DosePerFraction>3</DosePerFraction>
   <FractionCount>22</FractionCount></PlanTemplate>
  <Prescription>
   <Item ID="PTV HR" Primary="true"><Type>0</Type><Modifier>0</Modifier><Parameter>95</Parameter>
    <Dose>3</Dose><TotalDose>66</TotalDose></Item>
   <Item ID="Femur" Primary="false"><Type>0</Type><Modifier>8</Modifier><Parameter>0</Parameter>
    <Dose xsi:nil="true" /><TotalDose>37</TotalDose></Item>
   <Item ID="Femur" Primary="false"><Type>0</Type><Modifier>3</Modifier><Parameter>0</Parameter>
    <Dose>3</Dose><TotalDose>66</TotalDose></Item>
   <Item ID="Femur" Primary="false"><Type>0</Type><Modifier>10</Modifier><Parameter>0</Parameter>
    <Dose>2</Dose><TotalDose>66</TotalDose></Item>
   <MeasureItem ID="Femur"><Type>3</Type><Modifier>1</Modifier><Value>50</Value><TypeSpecifier>40</TypeSpecifier>
    <ReportDQPValueInAbsoluteUnits>false</ReportDQPValueInAbsoluteUnits><Priority>2</Priority>
    <VariationAcceptable>64</VariationAcceptable></MeasureItem>
   <MeasureItem ID="Outline"><Type>5</Type><Modifier>1</Modifier><Value>110</Value><TypeSpecifier>0.03</TypeSpecifier>
    <ReportDQPValueInAbsoluteUnits>false</ReportDQPValueInAbsoluteUnits></MeasureItem>
   <MeasureItem ID="Femur"><Type>3</Type><Modifier>1</Modifier><Value>5000</Value><TypeSpecifier>40</TypeSpecifier>
    <ReportDQPValueInAbsoluteUnits>true</ReportDQPValueInAbsoluteUnits></MeasureItem>
   <MeasureItem ID="Femur"><Type>4</Type><Modifier>4</Modifier><Value>60</Value><TypeSpecifier>2</TypeSpecifier>
    <ReportDQPValueInAbsoluteUnits>true</ReportDQPValueInAbsoluteUnits></MeasureItem>
   <MeasureItem ID="Femur"><Type>7</Type><Modifier>1</Modifier><Value>60</Value><TypeSpecifier>0</TypeSpecifier>
    <ReportDQPValueInAbsoluteUnits>true</ReportDQPValueInAbsoluteUnits></MeasureItem>
   <MeasureItem ID="Femur"><Type>8</Type><Modifier>1</Modifier><Value xsi:nil="true" /><TypeSpecifier>0</TypeSpecifier>
    <ReportDQPValueInAbsoluteUnits>true</ReportDQPValueInAbsoluteUnits></MeasureItem>
  </Prescription>
 </Phase></Phases>
</Protocol>
"""

ALL = {"proknow": ("scorecard.json", PROKNOW), "clearplan": ("template.csv", CLEARPLAN), "eclipse": ("t.xml", ECLIPSE)}
